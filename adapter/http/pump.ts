import type { Readable, Writable } from 'node:stream';
import { BurstWriter } from './burst-writer.ts';

/** The result of `pump`. */
export interface Pumped {
  /** Bytes read. All of them were written, except those over the limit. */
  readonly bytes: number;
  /** Why it stopped early: the source's error, or DestinationClosed. Undefined if it reached the end. */
  readonly failure?: unknown;
}

/** The destination closed before the end of the source. */
export class DestinationClosed extends Error {
  override readonly name = 'DestinationClosed';
}

/**
 * Writes each chunk of a stream to a destination immediately, with backpressure; chunks of a burst are joined (see
 * BurstWriter). Never rejects. It neither ends nor destroys the streams; that is up to the caller, who knows what a
 * failure means.
 *
 * @param limit bytes after which it stops with a failure; the chunk that exceeds it is not written
 */
export function pump(source: Readable, destination: Writable, limit = Number.POSITIVE_INFINITY): Promise<Pumped> {
  return new Promise((fulfil) => {
    let bytes = 0;
    const writer = new BurstWriter(destination, () => source.pause());
    const finish = (failure?: unknown): void => {
      source.off('data', write).off('end', finish).off('error', finish).off('close', closeEarly);
      destination.off('drain', resume).off('close', leave);
      if (!(failure instanceof DestinationClosed)) writer.flush();
      // The call is over, so later errors are irrelevant.
      source.on('error', ignore);
      fulfil(failure === undefined ? { bytes } : { bytes, failure });
    };
    const write = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > limit) {
        source.pause();
        finish(new Error(`longer than ${limit} bytes`));
      } else if (!writer.write(chunk)) source.pause();
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
