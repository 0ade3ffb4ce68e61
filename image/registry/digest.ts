import { createHash } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';

import { RegistryError } from './errors.ts';

/** A blob or manifest by its content, as in an OCI descriptor. */
export interface Content {
  /** "sha256:…" */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
}

export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/**
 * Passes bytes through, and fails with RegistryError REGISTRY_DIGEST if their digest or size is wrong. By then the last
 * bytes have been passed on: the receiver must wait for the end before it trusts them.
 */
export class VerifiedStream extends Transform {
  readonly #expected: Content;
  readonly #origin: string;
  readonly #hash = createHash('sha256');
  #size = 0;

  /** @param origin where the bytes come from, for the message */
  constructor(expected: Content, origin: string) {
    super();
    this.#expected = expected;
    this.#origin = origin;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#size += chunk.length;
    this.#hash.update(chunk);
    if (this.#size > this.#expected.size) done(this.#mismatch(`more than ${this.#expected.size} bytes`));
    else done(null, chunk);
  }

  override _flush(done: TransformCallback): void {
    const digest = `sha256:${this.#hash.digest('hex')}`;
    done(digest === this.#expected.digest ? null : this.#mismatch(`${this.#size} bytes with digest ${digest}`));
  }

  #mismatch(received: string): RegistryError {
    const { digest } = this.#expected;
    return new RegistryError('REGISTRY_DIGEST', `${this.#origin} sent wrong bytes for ${digest}: ${received}`, {
      hint: 'a proxy, mirror or disk on the way corrupts data: try again, or by another way',
    });
  }
}
