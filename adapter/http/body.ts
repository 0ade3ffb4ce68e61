import { Readable } from 'node:stream';
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
  const parts = await readParts(body.stream, limit);
  return parts && joined(parts);
}

/** The request with its body whole, however long it is. */
export async function wholeRequest(request: ModelRequest): Promise<WholeRequest> {
  const { body } = request;
  return { ...request, body: Buffer.isBuffer(body) ? body : joined((await readParts(body.stream)) ?? []) };
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
  body.stream.on('error', () => undefined);
  body.stream.destroy();
}

/**
 * The bytes of a stream to its end; undefined, and the stream destroyed, where there are more than `limit`. Small parts
 * are joined, so that a body sent byte by byte takes no more memory than another. Rejects with the stream's error where
 * it breaks off.
 */
export function readParts(stream: Readable, limit = Number.POSITIVE_INFINITY): Promise<Buffer[] | undefined> {
  // Listeners, as iterating costs several promises for each part.
  return new Promise((fulfil, reject) => {
    const parts = new Parts();
    stream.on('data', (part: Buffer) => {
      parts.add(part);
      if (parts.length <= limit) return;
      fulfil(undefined);
      stream.destroy();
    });
    stream.on('end', () => fulfil(parts.take()));
    stream.on('error', reject);
    const closed = (): void => {
      // Only then: an error takes its time to make.
      if (!stream.readableEnded) reject(stream.errored ?? new Error('closed before its end'));
    };
    // It may have failed before anybody read it.
    if (stream.closed) closed();
    else stream.on('close', closed);
  });
}

/** The parts as one; a single part is not copied. */
export function joined(parts: readonly Buffer[]): Buffer {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
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
