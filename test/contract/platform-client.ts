import type { Header } from '../../adapter/http/message.ts';

/** One HTTP request of a client of the platform. */
export interface ClientRequest {
  readonly method: string;
  /** Percent-encoded, starting with "/". */
  readonly path: string;
  /** Without the "?". "" if there is no query. */
  readonly query: string;
  /** Values have one character per byte (Latin-1), as in node:http. */
  readonly headers: readonly Header[];
  readonly body: Uint8Array;
  /** Time limit of the call in milliseconds, if the platform sends it with each call. */
  readonly timeLimit: number;
}

/** The reply that the client gets from the platform. */
export interface ClientReply {
  readonly status: number;
  readonly headers: readonly Header[];
  readonly body: Uint8Array;
}

/** A running adapter process, called by the platform's front end with real events or HTTP requests. */
export interface PlatformClient {
  send(request: ClientRequest): Promise<ClientReply>;
  close(): Promise<void>;
}

/** Starts adapter/main.ts for a row, with `environment` in addition to the platform's variables. */
export type StartPlatformClient = (
  row: object,
  environment: Readonly<Record<string, string>>,
) => Promise<PlatformClient>;
