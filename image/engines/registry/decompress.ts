import { PassThrough, Transform, type Duplex, type TransformCallback } from 'node:stream';
import { createGunzip } from 'node:zlib';

import { Decompress } from 'fzstd';

import { RegistryError } from '../../registry/errors.ts';

/**
 * Unpacks a layer by its media type, Docker's or OCI's.
 *
 * @throws RegistryError REGISTRY_UNSUPPORTED for any other media type
 */
export function decompressor(mediaType: string): Duplex {
  if (/[.+]gzip$/.test(mediaType)) return createGunzip();
  if (/[.+]zstd$/.test(mediaType)) return new ZstdDecompressor();
  if (mediaType.endsWith('.tar')) return new PassThrough();
  throw new RegistryError('REGISTRY_UNSUPPORTED', `a layer is of type ${mediaType}`, {
    hint: 'use an image whose layers are compressed with gzip or zstd, or not at all',
  });
}

/** In JavaScript, since Node.js has had zstd only since 22.15. */
export class ZstdDecompressor extends Transform {
  readonly #decompress = new Decompress((chunk) => this.push(chunk));

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#run(() => this.#decompress.push(chunk), done);
  }

  override _flush(done: TransformCallback): void {
    this.#run(() => this.#decompress.push(new Uint8Array(), true), done);
  }

  #run(step: () => void, done: TransformCallback): void {
    try {
      step();
      done();
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
