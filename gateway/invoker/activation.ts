import type { Action } from '../action.ts';
import type { Json, JsonObject } from '../json/json.ts';

/** One call of an action. */
export interface ActivationRequest {
  readonly activationId: string;
  readonly transaction: string;
  readonly namespace: string;
  readonly action: Action;
  /** The caller's parameters, without the action's defaults. */
  readonly parameters: JsonObject;
}

/** The `response` of an activation record. */
export interface ActivationResponse {
  readonly status: 'success' | 'application error' | 'action developer error' | 'whisk internal error';
  readonly result: Json;
}

/** The result of an activation. */
export interface ActivationOutcome {
  /** The number of the instance that ran it, counted from 1. 0 if no instance could be started. */
  readonly instance: number;
  readonly response: ActivationResponse;
  /** Milliseconds spent waiting for an instance. */
  readonly waitTime: number;
  /** Milliseconds that /init took. Undefined if the instance was warm. */
  readonly initTime: number | undefined;
  readonly timedOut: boolean;
  /** Collected after the response, as OpenWhisk's invoker does. The instance is busy until then. */
  readonly logs: Promise<readonly string[]>;
}

/** An activation that has ended. */
export interface Activation {
  readonly request: ActivationRequest;
  /** Epoch milliseconds. */
  readonly start: number;
  /** Epoch milliseconds. */
  readonly end: number;
  readonly outcome: ActivationOutcome;
}
