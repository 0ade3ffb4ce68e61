import { Socket, type AddressInfo } from 'node:net';
import { Duplex, type Readable } from 'node:stream';

export type WriteCallback = (error?: Error | null) => void;

/** One write to a socket: bytes, or text and how it is encoded. */
export interface Written {
  readonly chunk: string | Buffer;
  readonly encoding: BufferEncoding | 'buffer';
}

/** What takes the bytes that a server writes. */
export interface SocketReader {
  /** Takes what was written at once, and calls back when it would take more. */
  write(written: readonly Written[], done: WriteCallback): void;
  /** The server writes no more: it has ended the connection or destroyed it, or both one after the other. */
  end(): void;
}

/**
 * net.Socket's constructor takes 18 µs on Node.js 18 and 20, a tenth of a small call, and serves a system handle, of
 * which there is none here. A Duplex with the prototype of net.Socket has all else: methods, time limits, instanceof.
 */
const SocketBase = Duplex as unknown as new (options: object) => Socket;

/**
 * The server's end of a connection that never leaves memory, for one call. Towards node:http and an app it behaves as
 * a TCP socket from 127.0.0.1 does.
 */
export class MemorySocket extends SocketBase {
  override bytesRead = 0;
  override bytesWritten = 0;
  /** The body of the request where it is still arriving. */
  source: Readable | undefined;
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
    // A client closes its end, too.
    setImmediate(() => this.destroy());
  }

  override destroy(error?: Error): this {
    if (this.timeout) super.setTimeout(0);
    return super.destroy(error);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.source?.destroy();
    this.#reader.end();
    done(error);
    // When the event loop comes to closed handles: a request has its end and close before.
    setImmediate(() => this.emit('close', error !== null));
  }

  override _read(): void {
    // The body of a request goes straight into its IncomingMessage, which resumes and pauses its socket.
  }

  override resume(): this {
    this.source?.resume();
    return this;
  }

  override pause(): this {
    this.source?.pause();
    return this;
  }

  override ref(): this {
    return this;
  }

  override unref(): this {
    return this;
  }

  #send(written: readonly Written[], done: WriteCallback): void {
    for (const { chunk } of written) this.bytesWritten += chunk.length;
    // A time limit runs from the last bytes on.
    if (this.timeout) super.setTimeout(this.timeout);
    this.#reader.write(written, done);
  }
}

const options = { allowHalfOpen: true, decodeStrings: false, emitClose: false };

const addresses = {
  remoteAddress: '127.0.0.1',
  remoteFamily: 'IPv4',
  remotePort: 49_152,
  localAddress: '127.0.0.1',
  localFamily: 'IPv4',
  localPort: 80,
};

Object.assign(MemorySocket.prototype, { ...addresses, connecting: false, pending: false });
Object.setPrototypeOf(MemorySocket.prototype, Socket.prototype);
