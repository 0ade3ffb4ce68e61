import type { Readable } from 'node:stream';

/**
 * The bytes of a stream to its end; undefined, and the stream destroyed, where there are more than `limit`. Rejects with
 * the stream's error where it breaks off. By listeners, as iterating costs several promises for each piece.
 */
export function readAll(stream: Readable, limit = Number.POSITIVE_INFINITY): Promise<Buffer | undefined> {
  return new Promise((fulfil, reject) => {
    const pieces: Buffer[] = [];
    let length = 0;
    stream.on('data', (piece: Buffer) => {
      pieces.push(piece);
      length += piece.length;
      if (length <= limit) return;
      fulfil(undefined);
      stream.destroy();
    });
    stream.on('end', () => {
      const [only] = pieces;
      fulfil(pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces, length));
    });
    stream.on('error', reject);
    stream.on('close', () => reject(new Error('closed before its end')));
  });
}
