import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { CallerError } from '../errors.ts';
import type { Body, ModelRequest, WholeRequest } from './message.ts';

/**
 * The whole body; undefined, and the rest of it discarded, where it has more than `limit` bytes. A body that is at hand
 * is returned as it is. Rejects with the stream's error where it breaks off.
 */
export async function collectBody(body: Body, limit = Number.POSITIVE_INFINITY): Promise<Buffer | undefined> {
  if (Buffer.isBuffer(body)) return body.length > limit ? undefined : body;
  if (body.length !== undefined && body.length > limit) {
    discardBody(body);
    return undefined;
  }
  try {
    const parts = await readParts(body.stream, limit);
    return parts && joined(parts);
  } catch (error) {
    throw await explained(body, error);
  }
}

/**
 * Reads a body up to `limit` bytes: whole where it ends within them, else a stream that begins with what was read.
 *
 * @param isEnough told each part; true stops the reading there
 */
export async function readAhead(
  body: Body,
  limit: number,
  isEnough = (_part: Buffer): boolean => false,
): Promise<Body> {
  if (Buffer.isBuffer(body)) return body;
  const { stream } = body;
  const parts = new Parts();
  try {
    const ended = await new Promise<boolean>((fulfil, reject) => {
      const stop = listen(stream, {
        data: (part) => {
          parts.add(part);
          if (parts.length <= limit && !isEnough(part)) return;
          stop();
          stream.pause();
          // In this very turn: the stream would take its end for reached in the next one.
          stream.unshift(joined(parts.take()));
          fulfil(false);
        },
        end: () => fulfil(true),
        fail: reject,
      });
    });
    if (ended) return joined(parts.take());
  } catch (error) {
    throw await explained(body, error);
  }
  return body;
}

/** The body of a message that has arrived to its end already; undefined for others, and where trailers came with it. */
export function readArrived(incoming: IncomingMessage): Buffer | undefined {
  if (!incoming.complete || incoming.rawTrailers.length > 0) return undefined;
  const bytes = (incoming.read() as Buffer | null) ?? Buffer.alloc(0);
  // The stream, and with it the connection, is done only when its end was read.
  incoming.read();
  return bytes;
}

/** What the error of a body's stream means. */
export async function explained(body: Body, error: unknown): Promise<unknown> {
  return Buffer.isBuffer(body) || body.explain === undefined ? error : body.explain(error);
}

/**
 * The request with its body whole.
 *
 * Rejects with CallerError 413 where the body has more than `limit` bytes, and with the stream's error where it breaks
 * off.
 */
export async function wholeRequest(request: ModelRequest, limit: number): Promise<WholeRequest> {
  const body = await collectBody(request.body, limit);
  if (body !== undefined) return { ...request, body };
  throw tooLong(request.body.length, limit);
}

/**
 * What a body over the limit is refused with.
 *
 * @param length stated, or as many bytes as arrived; undefined where nobody counts them
 */
export function tooLong(length: number | undefined, limit: number): CallerError {
  const size = length === undefined ? `more than ${limit}` : String(length);
  return new CallerError(413, 'HTTP_REQUEST', `the request's body has ${size} bytes, over the limit of ${limit}`, {
    hint: 'send less, or name the input by its URL where the model takes a file',
  });
}

/** A stream of the body's bytes, for what takes nothing else. */
export function streamOf(body: Body): Readable {
  // An array in object mode, as Readable.from would take a Buffer apart into its bytes.
  return Buffer.isBuffer(body) ? Readable.from(body.length === 0 ? [] : [body], { objectMode: false }) : body.stream;
}

/** Tells the sender of a body that nobody will read the rest of it. */
export function discardBody(body: Body): void {
  if (Buffer.isBuffer(body)) return;
  // What it fails with from now on is nobody's concern.
  body.stream.on('error', ignore);
  body.stream.destroy();
}

/**
 * The bytes of a stream to its end; undefined, and the stream destroyed, where there are more than `limit`. Small parts
 * are joined, so that a body sent byte by byte takes no more memory than another. Rejects with the stream's error where
 * it breaks off.
 */
export function readParts(stream: Readable, limit = Number.POSITIVE_INFINITY): Promise<Buffer[] | undefined> {
  return new Promise((fulfil, reject) => {
    const parts = new Parts();
    listen(stream, {
      data: (part) => {
        parts.add(part);
        if (parts.length <= limit) return;
        fulfil(undefined);
        stream.destroy();
      },
      end: () => fulfil(parts.take()),
      fail: reject,
    });
  });
}

interface StreamListener {
  readonly data: (part: Buffer) => void;
  readonly end: () => void;
  readonly fail: (error: unknown) => void;
}

/** Reads a stream by listeners, as iterating costs several promises for each part. Returns what stops it. */
function listen(stream: Readable, { data, end, fail }: StreamListener): () => void {
  const close = (): void => {
    if (!stream.readableEnded) fail(stream.errored ?? new Error('closed before its end'));
  };
  if (stream.destroyed) close();
  stream.on('data', data).on('end', end).on('error', fail).on('close', close).resume();
  return () => {
    // Whoever reads on finds an error of the meantime in the stream's state.
    stream.on('error', ignore).off('data', data).off('end', end).off('error', fail).off('close', close);
  };
}

/** The parts as one; a single part is not copied. */
export function joined(parts: readonly Buffer[]): Buffer {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
}

function ignore(): void {
  // Nobody reads the stream at this time.
}

/** Parts of a body as they arrive; from the second on, small ones are copied into blocks. */
class Parts {
  length = 0;
  readonly #parts: Buffer[] = [];
  #block: Buffer | undefined;
  #used = 0;

  add(part: Buffer): void {
    this.length += part.length;
    if (part.length >= smallPart || this.length === part.length) {
      this.#closeBlock();
      this.#parts.push(part);
      return;
    }
    if (this.#block === undefined || this.#used + part.length > this.#block.length) {
      this.#closeBlock();
      this.#block = Buffer.allocUnsafeSlow(blockSize);
    }
    this.#used += part.copy(this.#block, this.#used);
  }

  take(): Buffer[] {
    this.#closeBlock();
    return this.#parts;
  }

  #closeBlock(): void {
    if (this.#block === undefined) return;
    const bytes = this.#block.subarray(0, this.#used);
    // A block that is mostly empty would keep its memory for as long as the body lives.
    this.#parts.push(this.#used < blockSize / 2 ? Buffer.from(bytes) : bytes);
    this.#block = undefined;
    this.#used = 0;
  }
}

const smallPart = 4096;
const blockSize = 65_536;
