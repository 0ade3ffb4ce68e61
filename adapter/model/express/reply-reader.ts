import { Readable } from 'node:stream';
import { messageOf } from '../../../core/errors.ts';
import { joined } from '../../../core/http/parts.ts';
import type { ModelRequest, ModelResponse } from '../../http/message.ts';
import { impossibleStatus, isPossibleStatus } from '../../http/status.ts';
import { ModelServerError } from '../../errors.ts';
import { readReplyHead, type ReplyHead } from './reply-head.ts';
import type { CallScope } from './call-scope.ts';
import type { SocketReader, WriteCallback, Written } from './socket.ts';

/** Receives a reply or its failure. One method is called, once. */
export interface ReplyReceiver {
  reply(response: ModelResponse): void;
  fail(error: ModelServerError): void;
}

/** The connection that a reply is read from. */
export interface Connection {
  /** Closes it. Called when the reply is malformed or no longer needed. */
  hangUp(): void;
  /** Whether the app can notice that the last write is done. It may reuse its buffer then. */
  isObserved(): boolean;
}

/**
 * Makes a reply of the bytes that a server writes to its socket. The body is a Buffer if the server wrote all at once,
 * like `res.json` and `res.send`. Otherwise it is a stream with backpressure, which starts after the head.
 */
export class ReplyReader implements SocketReader {
  readonly #request: Pick<ModelRequest, 'method' | 'onEarlyHints'>;
  readonly #receiver: ReplyReceiver;
  readonly #scope: CallScope;
  readonly #connection: Connection;
  #beforeHead: Buffer = noBytes;
  #head: ReplyHead | undefined;
  /** The parts of the body in one write. */
  #parts: Buffer[] = [];
  #stream: Readable | undefined;
  #held: WriteCallback | undefined;
  #isSettled = false;
  /** Called when the reply is complete. */
  onComplete: (() => void) | undefined;
  /** Called when the reply is complete or has failed. */
  onSettled: (() => void) | undefined;

  constructor(
    request: Pick<ModelRequest, 'method' | 'onEarlyHints'>,
    receiver: ReplyReceiver,
    scope: CallScope,
    connection: Connection,
  ) {
    this.#request = request;
    this.#receiver = receiver;
    this.#scope = scope;
    this.#connection = connection;
  }

  /** Whether the reply is complete or has failed. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  write(written: readonly Written[], done: WriteCallback): void {
    for (const { chunk, encoding } of written) {
      if (!this.#isSettled) this.#read(typeof chunk === 'string' ? Buffer.from(chunk, textEncoding(encoding)) : chunk);
    }
    if (this.#isSettled || this.#deliver(written)) done();
    else this.#held = done;
  }

  end(): void {
    if (this.#isSettled) return;
    if (this.#head?.body.endsWithConnection === true) {
      this.#settle();
      this.#stream?.push(null);
      return;
    }
    this.reset();
  }

  reset(): void {
    if (this.#isSettled) return;
    const isBrokenOff = this.#stream !== undefined;
    const what = isBrokenOff ? 'broke off its reply' : 'closed the connection before it replied';
    this.fail(new ModelServerError('MODEL_CRASHED', `the model server ${what}`));
  }

  /** Ends the reply with this error, unless it is complete. */
  fail(error: ModelServerError): void {
    if (this.#isSettled) return;
    this.#settle();
    const stream = this.#stream;
    if (stream === undefined) this.#receiver.fail(error);
    // Later, so that the bytes written before are read first.
    else setImmediate(() => stream.destroy(error));
    this.#release();
    this.#scope.run(() => this.#connection.hangUp());
  }

  #read(bytes: Buffer): void {
    try {
      const rest = this.#head === undefined ? this.#readHead(bytes) : bytes;
      if (rest.length > 0) this.#head?.body.read(rest, (part) => this.#parts.push(part));
    } catch (cause) {
      this.fail(asReplyError(cause));
    }
  }

  /** Returns the bytes after the head. */
  #readHead(bytes: Buffer): Buffer {
    const all = this.#beforeHead.length === 0 ? bytes : Buffer.concat([this.#beforeHead, bytes]);
    const end = all.indexOf('\r\n\r\n');
    if (end > longestHead || (end === -1 && all.length > longestHead)) throw new Error('its head is too long');
    if (end === -1) {
      // Check the start early, because bytes that are not HTTP may never contain an empty line.
      const start = all.toString('latin1', 0, firstBytes.length);
      if (!firstBytes.startsWith(start)) throw new Error(`it begins with ${JSON.stringify(start)}`);
      this.#beforeHead = all;
      return noBytes;
    }
    this.#beforeHead = noBytes;
    const head = readReplyHead(all.toString('latin1', 0, end), this.#request.method);
    const rest = all.subarray(end + 4);
    // writeContinue and writeEarlyHints send interim replies before the reply (RFC 9110, section 15.2).
    if (head.status < 200 && head.status !== 101) {
      if (head.status === 103) this.#request.onEarlyHints?.(head.headers);
      return rest.length === 0 ? rest : this.#readHead(rest);
    }
    if (!isPossibleStatus(head.status)) throw impossibleStatus(head.status);
    this.#head = head;
    return rest;
  }

  /** Passes on the parts that were read. Returns whether the stream wants more. */
  #deliver(written: readonly Written[]): boolean {
    if (this.#head === undefined) return true;
    const { status, headers, length, body } = this.#head;
    const parts = this.#parts;
    if (body.isComplete) {
      this.#settle();
      this.onComplete?.();
    }
    if (this.#stream === undefined) {
      if (body.isComplete && body.trailers.length === 0) {
        const bytes = joined(parts);
        // `joined` has copied several parts. Node.js has sent a short body when `end` returns, so the app may reuse it then.
        const isReusable =
          parts.length === 1 && (bytes.length <= short || this.#connection.isObserved() || hasCallback(written));
        this.#receiver.reply({ status, headers, body: isReusable ? Buffer.from(bytes) : bytes });
        return true;
      }
      this.#stream = this.#createStream();
      const trailers = (): typeof body.trailers => body.trailers;
      this.#receiver.reply({ status, headers, body: { stream: this.#stream, length, trailers } });
    }
    this.#parts = [];
    let wantsMore = true;
    // A copy, because an app may reuse its buffer after the write.
    for (const part of parts) wantsMore = this.#stream.push(Buffer.from(part));
    if (body.isComplete) this.#stream.push(null);
    return wantsMore || body.isComplete;
  }

  #createStream(): Readable {
    const stream = new Readable({
      read: () => this.#release(),
      destroy: (error, done) => {
        done(error);
        if (this.#isSettled) return;
        this.#settle();
        this.#release();
        this.#scope.run(() => this.#connection.hangUp());
      },
    });
    // It may fail before its receiver listens.
    stream.on('error', () => undefined);
    return stream;
  }

  #settle(): void {
    this.#isSettled = true;
    this.onSettled?.();
  }

  #release(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.#scope.run(held);
  }
}

/** Every reply starts with this (RFC 9112, section 4). */
const firstBytes = 'HTTP/1.';

const noBytes: Buffer = Buffer.alloc(0);

/** The same as for an http model server (maxHeaderSize of its client). */
const longestHead = 65_536;

/** Bytes. A copy takes at most 10 µs. */
const short = 65_536;

/** Whether the app gave a callback to its write. Without one, Node.js gives the same function as to the head's. */
function hasCallback(written: readonly Written[]): boolean {
  return written.some(({ chunk, callback }) => chunk.length > 0 && callback !== written[0]?.callback);
}

/** Node.js may give the encoding "buffer". It does not apply to strings. */
function textEncoding(encoding: BufferEncoding | 'buffer'): BufferEncoding {
  return encoding === 'buffer' ? 'utf8' : encoding;
}

function asReplyError(cause: unknown): ModelServerError {
  if (cause instanceof ModelServerError) return cause;
  const message = `the model server's reply is not HTTP: ${messageOf(cause)}`;
  return new ModelServerError('MODEL_REPLY', message, { cause });
}
