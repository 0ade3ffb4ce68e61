import type { Readable } from 'node:stream';

/**
 * The bytes of a stream to its end, in the parts they arrived in; undefined, and the stream destroyed, where there are
 * more than `limit`. Rejects with the stream's error where it breaks off.
 */
export function readParts(stream: Readable, limit = Number.POSITIVE_INFINITY): Promise<Buffer[] | undefined> {
  // Listeners, as iterating costs several promises for each part.
  return new Promise((fulfil, reject) => {
    const parts: Buffer[] = [];
    let length = 0;
    stream.on('data', (part: Buffer) => {
      parts.push(part);
      length += part.length;
      if (length <= limit) return;
      fulfil(undefined);
      stream.destroy();
    });
    stream.on('end', () => fulfil(parts));
    stream.on('error', reject);
    stream.on('close', () => {
      // Only then: an error takes its time to make.
      if (!stream.readableEnded) reject(new Error('closed before its end'));
    });
  });
}

/** The parts as one; a single part is not copied. */
export function joined(parts: readonly Buffer[]): Buffer {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
}
