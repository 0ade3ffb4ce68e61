import type { ModelRequest, ModelResponse } from '../http/message.ts';

/** The model server as platforms see it. They do not know its kind. */
export interface ModelServer {
  /** Resolves when its process has started or failed. Slow work should wait for it. Missing without a process. */
  readonly launched?: Promise<void>;
  /** Resolves when calls can be answered. Rejects with ModelServerError `MODEL_START` and the last output. */
  ready(): Promise<void>;
  /**
   * Calls the model server. Resolves with the reply after its head. Consumes the request's body. The caller must read
   * or discard the reply's body, which ends the call.
   *
   * Rejects, or lets the reply's stream fail, with ModelServerError: `MODEL_CRASHED` if the server ended during the
   * call, `MODEL_TIMEOUT` if the signal was aborted, `MODEL_UNREACHABLE` if it cannot be reached, `MODEL_REPLY` if the
   * reply is not HTTP.
   */
  handle(request: ModelRequest): Promise<ModelResponse>;
  /** Sets variables that arrive after the start (OpenWhisk's /init). Resolves when the model server has them. */
  configure(environment: Readonly<Record<string, string>>): Promise<void>;
  /** Closes the connections that wait for a call, because this process is a restored copy of the one that opened them. */
  renewConnections?(): void;
  /** Stops the model server and frees its resources. */
  close(): Promise<void>;
}
