import type { Header } from '../../adapter/http/message.ts';

/** One HTTP request as a client of the platform makes it. */
export interface ClientRequest {
  readonly method: string;
  /** Percent-encoded, starting with "/". */
  readonly path: string;
  /** Without the "?"; "" when there is none. */
  readonly query: string;
  /** Values are bytes as Latin-1 text, as node:http has them. */
  readonly headers: readonly Header[];
  readonly body: Uint8Array;
  /** Milliseconds that the platform gives the call, where it says so in each call. */
  readonly timeLimit: number;
}

/** What that client gets, after the platform has made HTTP of the adapter's reply again. */
export interface ClientReply {
  readonly status: number;
  readonly headers: readonly Header[];
  readonly body: Uint8Array;
}

/** A running adapter process with the platform's front end (its real event or HTTP shape) before it. */
export interface PlatformClient {
  send(request: ClientRequest): Promise<ClientReply>;
  close(): Promise<void>;
}

/** Starts adapter/main.ts for a row; `environment` must reach the adapter besides what the platform itself sets. */
export type StartPlatformClient = (
  row: object,
  environment: Readonly<Record<string, string>>,
) => Promise<PlatformClient>;
