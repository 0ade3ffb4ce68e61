/** A header as it stands on the wire; repeated names are repeated entries, in order. */
export type Header = readonly [name: string, value: string];

/** One HTTP request for the model server, free of any platform's envelope. */
export interface ModelRequest {
  /** Upper case. */
  readonly method: string;
  /** Percent-encoded path, starting with "/", without the query. */
  readonly path: string;
  /** Raw query string without the leading "?"; "" when there is none. */
  readonly query: string;
  readonly headers: readonly Header[];
  readonly body: Uint8Array;
  /** Aborted when the caller no longer waits; the call must end soon after. */
  readonly signal: AbortSignal;
  /** Epoch milliseconds by which the reply must be back. */
  readonly deadline: number;
}

/** The model server's reply, as bytes: nothing decoded, nothing transcoded. */
export interface ModelResponse {
  readonly status: number;
  readonly headers: readonly Header[];
  readonly body: Uint8Array;
}

/** What a platform sees of the model: it never knows which kind of server answers. */
export interface ModelServer {
  /** Resolves once its process, where it has one, is started or cannot be. What takes time is better done after that. */
  readonly launched?: Promise<void>;
  /** Resolves once calls can be answered. Rejects with ModelServerError code `MODEL_START` carrying the last output. */
  ready(): Promise<void>;
  /**
   * Calls the model server. Rejects with ModelServerError: `MODEL_CRASHED` when the server died during the call,
   * `MODEL_TIMEOUT` when the signal was aborted first, `MODEL_UNREACHABLE` when it cannot be reached,
   * `MODEL_REPLY` when the reply is not HTTP or too large.
   */
  handle(request: ModelRequest): Promise<ModelResponse>;
  /** Variables that arrived after start (OpenWhisk's /init). Resolves once the model server has them. */
  configure(environment: Readonly<Record<string, string>>): Promise<void>;
  /** Stops the model server and frees everything it held. */
  close(): Promise<void>;
}
