import { Socket, type AddressInfo } from 'node:net';
import { Duplex } from 'node:stream';
import { discardBody } from '../../http/body.ts';
import type { BodyStream } from '../../http/message.ts';

export type WriteCallback = (error?: Error | null) => void;

/** One write to a socket: bytes, or text with its encoding. */
export interface Written {
  readonly chunk: string | Buffer;
  readonly encoding: BufferEncoding | 'buffer';
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
  override bytesRead = 0;
  override bytesWritten = 0;
  /** The request's body, if it is still arriving. */
  source: BodyStream | undefined;
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

  /** Counts bytes of the request that have arrived. */
  received(bytes: number): void {
    this.bytesRead += bytes;
    this.#restartTimeout();
  }

  #send(written: readonly Written[], done: WriteCallback): void {
    for (const { chunk, encoding } of written) this.bytesWritten += byteLength(chunk, encoding);
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
  remotePort: 49_152,
  localAddress: '127.0.0.1',
  localFamily: 'IPv4',
  localPort: 80,
};

Object.assign(MemorySocket.prototype, { ...addresses, connecting: false, pending: false });
Object.setPrototypeOf(MemorySocket.prototype, Socket.prototype);

function byteLength(chunk: string | Buffer, encoding: Written['encoding']): number {
  return typeof chunk === 'string' && encoding !== 'buffer' ? Buffer.byteLength(chunk, encoding) : chunk.length;
}
