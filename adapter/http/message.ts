import type { Readable, Writable } from 'node:stream';

/** A header as it stands on the wire; repeated names are repeated entries, in order. */
export type Header = readonly [name: string, value: string];

/**
 * The bytes of a request or a reply: all of them, or a stream of what has still to arrive. `Buffer.isBuffer(body)` tells
 * which. Whoever is given a body reads it to its end or discards it (see discardBody).
 */
export type Body = Buffer | BodyStream;

/** A body that is still arriving. It can be read once. */
export interface BodyStream {
  /** The bytes, in the chunks that the sender wrote. It fails where the sender breaks off. */
  readonly stream: Readable;
  /** Length in bytes, where the sender stated it. */
  readonly length: number | undefined;
  /** Header fields that follow the body (RFC 9110, section 6.5); complete once the stream has ended. */
  readonly trailers?: () => readonly Header[];
  /** Bytes that have arrived so far, where somebody counts them. */
  readonly received?: () => number;
  /** What an error of the stream means, for whoever reads it and has to report it. Never rejects. */
  readonly explain?: (error: unknown) => Promise<unknown>;
}

/** Tells that nobody waits for a call any longer: an AbortSignal, or what does as much (see GiveUp). */
export interface CallSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** One HTTP request for the model server, free of any platform's envelope. */
export interface ModelRequest {
  /** Upper case. */
  readonly method: string;
  /** Percent-encoded path, starting with "/", without the query. */
  readonly path: string;
  /** Raw query string without the leading "?"; "" when there is none. */
  readonly query: string;
  readonly headers: readonly Header[];
  readonly body: Body;
  /** Aborted when the caller no longer waits; the call must end soon after, and so must the stream of its reply. */
  readonly signal: CallSignal;
  /** Epoch milliseconds by which the end of the reply must be back. */
  readonly deadline: number;
  /** Whether the reply is passed on as it comes. Default false: it is collected to its end first. */
  readonly streamsReply?: boolean;
  /**
   * Whether the request is a WebSocket's handshake (RFC 6455, section 4.1) whose connection the platform can pass on.
   * Default false. The reply may then be a switch of protocols, see `upgraded`.
   */
  readonly webSocket?: boolean;
}

/** A request whose body is at hand. */
export type WholeRequest = ModelRequest & { readonly body: Buffer };

/** The model server's reply, as bytes: nothing decoded, nothing transcoded. */
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

/** A reply whose body is at hand, as platforms need it that move whole replies. */
export type WholeResponse = ModelResponse & { readonly body: Buffer };
