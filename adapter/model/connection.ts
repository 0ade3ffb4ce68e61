import { Duplex, type DuplexOptions } from 'node:stream';

/** Two ends of a connection that never leaves memory: what is written to one is read from the other. */
export function connectionPair(): [client: Duplex, server: Duplex] {
  const client = new MemorySocket();
  const server = new MemorySocket();
  client.connect(server);
  server.connect(client);
  return [client, server];
}

/**
 * One end. Behaves as a TCP socket does towards node:http: backpressure (a write is done once the other end has read
 * it), half-close, end of file when the other end is destroyed, EPIPE for writes after that, socket-like setters.
 */
class MemorySocket extends Duplex {
  readonly remoteAddress = '127.0.0.1';
  readonly remoteFamily = 'IPv4';
  readonly remotePort = 0;
  readonly localAddress = '127.0.0.1';
  readonly localPort = 0;
  #peer: MemorySocket | undefined;
  #written: ((error?: Error | null) => void) | undefined;

  constructor(options: DuplexOptions = {}) {
    super({ ...options, allowHalfOpen: true, emitClose: true });
  }

  connect(peer: MemorySocket): void {
    this.#peer = peer;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#deliver([chunk], callback);
  }

  override _writev(chunks: { chunk: Buffer }[], callback: (error?: Error | null) => void): void {
    this.#deliver(
      chunks.map(({ chunk }) => chunk),
      callback,
    );
  }

  override _read(): void {
    this.#peer?.acknowledge();
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#peer?.endOfFile();
    callback();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    const peer = this.#peer;
    this.#peer = undefined;
    this.#written?.(connectionError('ECONNRESET'));
    this.#written = undefined;
    // Not in this turn: a socket's other end learns of the close later, too.
    process.nextTick(() => peer?.disconnect());
    callback(error);
  }

  setTimeout(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  acknowledge(): void {
    const written = this.#written;
    if (written === undefined) return;
    this.#written = undefined;
    process.nextTick(written);
  }

  endOfFile(): void {
    if (!this.readableEnded && !this.destroyed) this.push(null);
  }

  disconnect(): void {
    this.#peer = undefined;
    this.endOfFile();
    this.#written?.(connectionError('EPIPE'));
    this.#written = undefined;
  }

  #deliver(chunks: readonly Buffer[], callback: (error?: Error | null) => void): void {
    const peer = this.#peer;
    if (peer === undefined || peer.destroyed) {
      callback(connectionError('EPIPE'));
      return;
    }
    // Set first: the other end may read, and so acknowledge, while it is being pushed to.
    this.#written = callback;
    for (const chunk of chunks) peer.push(chunk);
  }
}

function connectionError(code: 'EPIPE' | 'ECONNRESET'): Error {
  return Object.assign(new Error(`in-memory connection closed (${code})`), { code });
}
