import type { Readable, Writable } from 'node:stream';
import type { OuterAddress } from './outer-address.ts';

/** A header as sent. Repeated headers are separate entries, in order. */
export type Header = readonly [name: string, value: string];

/**
 * The bytes of a request or a reply: a Buffer, or a stream if they have not all arrived. `Buffer.isBuffer(body)`
 * distinguishes them. The receiver of a body must read it to its end or discard it (see discardBody).
 */
export type Body = Buffer | BodyStream;

/** A body that is still arriving. It can be read only once. */
export interface BodyStream {
  /** The bytes, in the sender's chunks. It fails if the sender stops before the end. */
  readonly stream: Readable;
  /** Length in bytes, if the sender stated it. */
  readonly length: number | undefined;
  /** Header fields after the body (RFC 9110, section 6.5). Complete after the end of the stream. */
  readonly trailers?: () => readonly Header[];
  /** Bytes that have arrived so far. */
  readonly received?: () => number;
  /** Called just before the stream is read. */
  readonly onSending?: () => void;
  /** Stops the body, see discardBody. Default: the stream is destroyed. */
  readonly discard?: () => void;
  /** The cause of an error of the stream, for the log or a reply. Never rejects. */
  readonly explain?: (error: unknown) => Promise<unknown>;
}

/** Signals that a call is no longer needed: an AbortSignal, or the lighter GiveUp. */
export interface CallSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** An HTTP request for the model server, without the platform's envelope. */
export interface ModelRequest {
  /** Where callers find the model server; undefined if the platform does not know. */
  readonly outer?: OuterAddress | undefined;
  /** Upper case. */
  readonly method: string;
  /** Percent-encoded path, starting with "/", without the query. */
  readonly path: string;
  /** Raw query string without the leading "?". "" if there is no query. */
  readonly query: string;
  readonly headers: readonly Header[];
  readonly body: Body;
  /** Aborted when the caller no longer waits. The call and the stream of its reply must end soon after. */
  readonly signal: CallSignal;
  /** When the reply must be complete, in epoch milliseconds. */
  readonly deadline: number;
  /** Whether the platform streams the reply. Default: false, the reply is collected first. */
  readonly streamsReply?: boolean;
  /**
   * Whether the request is a WebSocket's handshake (RFC 6455, section 4.1) whose connection the platform can pass on.
   * Default false. The reply may then be a switch of protocols, see `upgraded`.
   */
  readonly webSocket?: boolean;
  /** Whether the caller reads header fields after the body (RFC 9110, section 10.1.4). Default false. */
  readonly takesTrailers?: boolean;
  /** Receives the headers of each 103 that comes before the reply (RFC 8297). Default: they are dropped. */
  readonly onEarlyHints?: (headers: readonly Header[]) => void;
}

/** A request with its whole body. */
export type WholeRequest = ModelRequest & { readonly body: Buffer };

/** The model server's reply in its original bytes: not decoded, not transcoded. */
export interface ModelResponse {
  readonly status: number;
  readonly headers: readonly Header[];
  readonly body: Body;
  /**
   * Only with status 101: takes what the caller sends in the new protocol. What the model server sends in it is the
   * body, a stream that ends with the connection.
   */
  readonly upgraded?: Writable;
}

/** A reply with its whole body, for platforms that need whole replies. */
export type WholeResponse = ModelResponse & { readonly body: Buffer };
