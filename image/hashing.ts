import type { Hash } from 'node:crypto';

/** Passes bytes on, and adds them to a hash. */
export async function* hashing(hash: Hash, bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of bytes) {
    hash.update(chunk);
    yield chunk;
  }
}

/** "sha256:…" */
export function digestOf(hash: Hash): string {
  return `sha256:${hash.digest('hex')}`;
}
