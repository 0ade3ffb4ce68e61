import type { Readable, Writable } from 'node:stream';

/** What became of a stream that was passed on. */
export interface Pumped {
  /** Bytes that were read, all of which were written unless they are over the limit. */
  readonly bytes: number;
  /** Why it did not reach its end: the source's error, or DestinationClosed. Undefined where it did. */
  readonly failure?: unknown;
}

/** The destination was closed before the source's end. */
export class DestinationClosed extends Error {
  override readonly name = 'DestinationClosed';
}

/**
 * Writes a stream to a destination chunk by chunk, at once, and reads no further while the destination has enough to
 * send. Never rejects. Neither stream is ended or destroyed: both are the caller's, who knows what a failure means.
 *
 * @param limit bytes after which it stops with a failure; the chunk that goes beyond is not written
 */
export function pump(source: Readable, destination: Writable, limit = Number.POSITIVE_INFINITY): Promise<Pumped> {
  return new Promise((fulfil) => {
    let bytes = 0;
    const finish = (failure?: unknown): void => {
      source.off('data', write).off('end', finish).off('error', finish).off('close', closeEarly);
      destination.off('drain', resume).off('close', leave);
      // An error that follows belongs to a call that is over.
      source.on('error', ignore);
      fulfil(failure === undefined ? { bytes } : { bytes, failure });
    };
    const write = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > limit) {
        source.pause();
        finish(new Error(`longer than ${limit} bytes`));
      } else if (!destination.write(chunk)) source.pause();
    };
    const resume = (): void => {
      source.resume();
    };
    const leave = (): void => {
      source.pause();
      finish(new DestinationClosed('closed by its reader'));
    };
    const closeEarly = (): void => finish(source.errored ?? new Error('closed before its end'));

    if (source.readableEnded) finish();
    else if (source.destroyed) closeEarly();
    else if (destination.destroyed) leave();
    else {
      destination.on('drain', resume).on('close', leave);
      source.on('end', finish).on('error', finish).on('close', closeEarly).on('data', write).resume();
    }
  });
}

function ignore(): void {
  // Already reported.
}
