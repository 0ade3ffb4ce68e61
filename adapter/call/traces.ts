import type { Environment } from '../../core/settings.ts';
import type { ModelRequest } from '../http/message.ts';

/** Makes a span of each call and sends it, if the environment names a collector. Nothing here throws or rejects. */
export interface Traces {
  /** Takes variables that came after the start, as in OpenWhisk's /init. */
  configure(environment: Environment): Promise<void>;
  /** Begins the span of a call. Undefined if no spans are sent. */
  begin(call: BegunCall): CallSpan | undefined;
  /**
   * Sends the spans of calls that have ended. Resolves when the collector has them, after `milliseconds`, or at once
   * if there are none or the collector did not answer lately.
   */
  flush(milliseconds: number): Promise<void>;
  /** Sends what is left, within `milliseconds`. */
  close(milliseconds: number): Promise<void>;
}

export interface BegunCall {
  /** Undefined if no request for the model server could be made. */
  readonly request: ModelRequest | undefined;
  /** The platform's id of the call. */
  readonly id: string | undefined;
  /** When the event arrived, by performance.now(). */
  readonly received: number;
}

/** The span of one call. */
export interface CallSpan {
  readonly traceId: string;
  /** The headers of the request with this span as their `traceparent`. */
  readonly headers: ModelRequest['headers'];
  end(call: EndedCall): void;
}

export interface EndedCall {
  /** The status that the caller got. */
  readonly status: number;
  /** The code of the error that interrupted the reply. */
  readonly code: string | undefined;
  /** From the event to the reply's last byte. */
  readonly milliseconds: number;
}
