import type { ModelRequest, ModelResponse } from '../http/message.ts';

/** What a platform sees of the model: it never knows which kind of server answers. */
export interface ModelServer {
  /** Resolves once its process, where it has one, is started or cannot be. What takes time is better done after that. */
  readonly launched?: Promise<void>;
  /** Resolves once calls can be answered. Rejects with ModelServerError code `MODEL_START` carrying the last output. */
  ready(): Promise<void>;
  /**
   * Calls the model server; resolves as soon as the head of its reply is there. Takes over the request's body; the
   * reply's body is the caller's to read or discard, which ends the call.
   *
   * Rejects with ModelServerError, and a reply's stream fails with it: `MODEL_CRASHED` when the server died during the
   * call, `MODEL_TIMEOUT` when the signal was aborted first, `MODEL_UNREACHABLE` when it cannot be reached,
   * `MODEL_REPLY` when the reply is not HTTP.
   */
  handle(request: ModelRequest): Promise<ModelResponse>;
  /** Variables that arrived after start (OpenWhisk's /init). Resolves once the model server has them. */
  configure(environment: Readonly<Record<string, string>>): Promise<void>;
  /** Stops the model server and frees everything it held. */
  close(): Promise<void>;
}
