import type { Server, ServerResponse } from 'node:http';
import { Socket, type AddressInfo } from 'node:net';
import { Duplex } from 'node:stream';
import { discardBody } from '../../http/body.ts';
import type { BodyStream } from '../../http/message.ts';

export type WriteCallback = (error?: Error | null) => void;

/** One write to a socket: bytes, or text with its encoding. */
export interface Written {
  readonly chunk: string | Buffer;
  readonly encoding: BufferEncoding | 'buffer';
  /** Called by Node.js when it is written. Known if there are several writes. */
  readonly callback?: WriteCallback;
}

/** Receives the bytes that a server writes. */
export interface SocketReader {
  /** Takes the chunks of one write. Calls `done` when it can take more. */
  write(written: readonly Written[], done: WriteCallback): void;
  /** The server has ended or destroyed the connection. May be called twice. */
  end(): void;
  /** The server has reset the connection, which is never the regular end of a reply. */
  reset(): void;
}

/** A server with the members of node:net's that are missing in the public types. */
export interface CountingServer extends Server {
  _connections: number;
  /** Emits "close" if the server is closed and has no connections. */
  _emitCloseIfDrained(): void;
}

/** The head of a request. */
export interface RequestHead {
  readonly method: string;
  readonly url: string;
  /** Names and values of the headers in turn. */
  readonly headers: readonly string[];
}

/**
 * net.Socket's constructor takes 18 µs on Node.js 18 and 20, a tenth of a small call, for a system handle that is not
 * needed here. A Duplex with net.Socket's prototype has all the rest: methods, timeouts, instanceof.
 */
const SocketBase = Duplex as unknown as new (options: object) => Socket;

/**
 * The server's end of an in-memory connection, for one call. To node:http and the app it behaves like a TCP socket from
 * 127.0.0.1.
 */
export class MemorySocket extends SocketBase {
  /** `bytesWritten` of net.Socket adds what waits to be written. */
  protected _bytesDispatched = 0;
  /** The request's body, if it is still arriving. */
  source: BodyStream | undefined;
  server: CountingServer | undefined;
  head: RequestHead | undefined;
  #bytesOfBody = 0;
  #remotePort: number | undefined;
  readonly #reader: SocketReader;

  constructor(reader: SocketReader) {
    super(options);
    this.#reader = reader;
  }

  override address(): AddressInfo {
    return { address: addresses.localAddress, family: addresses.localFamily, port: addresses.localPort };
  }

  override _write(chunk: string | Buffer, encoding: BufferEncoding | 'buffer', done: WriteCallback): void {
    this.#send([{ chunk, encoding }], done);
  }

  override _writev(written: Written[], done: WriteCallback): void {
    this.#send(written, done);
  }

  override _final(done: WriteCallback): void {
    this.#reader.end();
    done();
    // The client closes its end as well.
    setImmediate(() => this.destroy());
  }

  override destroy(error?: Error): this {
    if (this.timeout) super.setTimeout(0);
    return super.destroy(error);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (this.source !== undefined) discardBody(this.source);
    this.#reader.end();
    done(error);
    if (this.server !== undefined) {
      this.server._connections -= 1;
      this.server._emitCloseIfDrained();
    }
    // In the event loop's phase for closed handles, after the request's "end" and "close".
    setImmediate(() => this.emit('close', error !== null));
  }

  /** net.Socket's own reports an error where there is no system handle. */
  override resetAndDestroy(): this {
    this.#reader.reset();
    return this.destroy();
  }

  override _read(): void {
    // serve.ts pushes the request's body directly into the IncomingMessage, which pauses and resumes this socket.
  }

  override resume(): this {
    this.source?.stream.resume();
    return this;
  }

  override pause(): this {
    this.source?.stream.pause();
    return this;
  }

  override ref(): this {
    return this;
  }

  override unref(): this {
    return this;
  }

  /** Counts bytes of the request's body that have arrived. */
  received(bytes: number): void {
    this.#bytesOfBody += bytes;
    this.#restartTimeout();
  }

  /** Whether the app can notice that its reply is sent, and may reuse its buffer then. */
  isObserved(): boolean {
    // Set by node:http until the reply is finished. serve.ts has one of the listeners.
    const { _httpMessage: reply } = this as { readonly _httpMessage?: ServerResponse | null };
    return (
      !reply || ['close', 'drain'].some((name) => reply.listenerCount(name) > 0) || reply.listenerCount('finish') > 1
    );
  }

  /** Closes the connection as its caller does: what the caller sends ends first. */
  hangUp(): void {
    if (this.source?.stream.readableEnded === false) this.#reportBrokenRequest();
    // Most apps listen to neither event, and the streams take their time.
    if (this.destroyed || this.listenerCount('end') + this.listenerCount('finish') === 0) {
      this.destroy();
      return;
    }
    this.once('end', () => this.end());
    this.push(null);
    super.resume();
  }

  static {
    // Accessors, because most apps read none of these.
    Object.defineProperties(this.prototype, {
      bytesRead: {
        get(this: MemorySocket): number {
          return this.#bytesOfBody + (this.head === undefined ? 0 : lengthOf(this.head));
        },
      },
      bufferSize: {
        get(this: MemorySocket): number {
          return this.writableLength;
        },
      },
      // Packages tell the connections of a server apart by their ports.
      remotePort: {
        get(this: MemorySocket): number {
          this.#remotePort ??= lastPort = lastPort === 65_535 ? firstPort : lastPort + 1;
          return this.#remotePort;
        },
      },
    });
  }

  /** Node's parser reports that the caller left in the middle of its request. */
  #reportBrokenRequest(): void {
    if (this.destroyed || !this.server?.listenerCount('clientError')) return;
    const error = Object.assign(new Error('Parse Error'), { code: 'HPE_INVALID_EOF_STATE' });
    this.server.emit('clientError', error, this);
  }

  #send(written: readonly Written[], done: WriteCallback): void {
    for (const { chunk, encoding } of written) this._bytesDispatched += byteLength(chunk, encoding);
    this.#restartTimeout();
    this.#reader.write(written, done);
  }

  #restartTimeout(): void {
    if (this.timeout) super.setTimeout(this.timeout);
  }
}

const options = { allowHalfOpen: true, decodeStrings: false, emitClose: false };

const addresses = {
  remoteAddress: '127.0.0.1',
  remoteFamily: 'IPv4',
  localAddress: '127.0.0.1',
  localFamily: 'IPv4',
  localPort: 80,
};

/** The ports of clients (RFC 6335, section 6). */
const firstPort = 49_152;
let lastPort = firstPort - 1;

Object.assign(MemorySocket.prototype, { ...addresses, connecting: false, pending: false });
Object.setPrototypeOf(MemorySocket.prototype, Socket.prototype);

function byteLength(chunk: string | Buffer, encoding: Written['encoding']): number {
  return typeof chunk === 'string' && encoding !== 'buffer' ? Buffer.byteLength(chunk, encoding) : chunk.length;
}

/** Bytes of a head on a connection. Header values are Latin-1. */
function lengthOf({ method, url, headers }: RequestHead): number {
  const lines = headers.reduce((sum, text) => sum + text.length + ': '.length, 0);
  return `${method} ${url} HTTP/1.1\r\n`.length + lines + '\r\n'.length;
}
