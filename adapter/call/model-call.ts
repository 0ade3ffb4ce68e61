import type { CallSignal, ModelRequest, ModelResponse } from '../http/message.ts';
import type { ModelServer } from '../model/model-server.ts';
import type { Reader } from './failure-reply.ts';
import type { CallObserver } from './observer.ts';
import type { Traces } from './traces.ts';

/** What a platform's request builder needs besides the event. */
export type CallLimits = Pick<ModelRequest, 'signal' | 'deadline' | 'streamsReply'>;

/** What an event becomes: a request for the model server, or the reply to one that needs no model server. */
export type Built = ModelRequest | ModelResponse;

/** What every call needs. */
export interface CallContext {
  readonly model: ModelServer;
  readonly configuration: CallSettings;
  /** Aborted when the adapter shuts down and no longer waits for running calls. */
  readonly cut?: CallSignal;
  readonly observer?: CallObserver | undefined;
  /** Undefined for calls that get no span. */
  readonly traces?: Traces | undefined;
}

/** The settings of calls. */
export interface CallSettings {
  /** Whether one JSON line per activation goes to stdout. */
  readonly log: 'json' | 'off';
  /** Where the model server's last output goes after a failure: only to the log, or also into the reply. */
  readonly errorOutput: 'log' | 'reply';
  /** Milliseconds before the deadline at which a running call is aborted, so that its 504 still arrives. */
  readonly deadlineMargin: number;
}

/** A call of the model, as a platform describes it. */
export interface ModelCall {
  /** The platform's id of this call, for the log. */
  readonly id?: string | undefined;
  /** The trace of this call, for the log. */
  readonly traceId?: string | undefined;
  /** When the event arrived, by performance.now(). Default: now. */
  readonly received?: number;
  /**
   * When the platform stops waiting, in epoch milliseconds. The call is aborted a margin earlier, so that its 504 still
   * arrives. Undefined or a past time means 60 seconds from now, OpenWhisk's standard (`whisk.time-limit.std`).
   */
  readonly end: number | undefined;
  /** The same for the end of a reply whose head is there by `end`. Default: `end`. */
  readonly streamEnd?: number | undefined;
  readonly build: (limits: CallLimits) => Built | Promise<Built>;
  /** Writes the call's log line. Default: to stdout. */
  readonly log?: (line: string) => void;
  /** Who reads a failure: a caller over HTTP, or the operator who invoked the call. Default: a caller. */
  readonly reader?: Reader;
}

/** How a call ended. */
export interface Outcome {
  /** The status that the caller gets. */
  readonly status: number;
  /** Bytes of the reply's body that were sent. */
  readonly bytes: number;
  /** Bytes that the caller sent after the switch of protocols, if there was one. */
  readonly received?: number;
  /** Why the reply is incomplete. DestinationClosed if the caller disconnected. Undefined if it is complete. */
  readonly failure?: unknown;
}
