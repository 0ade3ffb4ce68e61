import type { Action } from '../action.ts';
import type { Json, JsonObject } from '../json/json.ts';

/** One call of an action. */
export interface ActivationRequest {
  readonly activationId: string;
  readonly transaction: string;
  readonly namespace: string;
  readonly action: Action;
  /** The caller's; the action's own defaults are not among them. */
  readonly parameters: JsonObject;
}

/** How an activation ended, as its record tells it. */
export interface ActivationResponse {
  readonly status: 'success' | 'application error' | 'action developer error' | 'whisk internal error';
  readonly result: Json;
}

/** What came of an activation. */
export interface ActivationOutcome {
  /** Which of the action's instances it ran on, counted from 1 as they started; 0 where none could be had. */
  readonly instance: number;
  readonly response: ActivationResponse;
  /** Milliseconds spent waiting for an instance. */
  readonly waitTime: number;
  /** Milliseconds that /init took; undefined when the instance was warm. */
  readonly initTime: number | undefined;
  readonly timedOut: boolean;
  /** Collected after the response, as the invoker does; the instance takes no further activation until then. */
  readonly logs: Promise<readonly string[]>;
}

/** Everything about an activation that has ended. */
export interface Activation {
  readonly request: ActivationRequest;
  /** Epoch milliseconds. */
  readonly start: number;
  /** Epoch milliseconds. */
  readonly end: number;
  readonly outcome: ActivationOutcome;
}
