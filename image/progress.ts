import { pipeline, type Readable, Transform } from 'node:stream';

/** How much of something is done. */
export interface Amount {
  readonly done: number;
  readonly total: number;
  readonly unit: 'bytes' | 'layers';
}

/**
 * Called with a short line for people that says what is going on.
 *
 * @param amount given each time that it changes; lines without one should stay visible
 */
export type Progress = (message: string, amount?: Amount) => void;

/** Counts the bytes of several streams, out of their total. */
export class ByteCounter {
  readonly #report: (amount: Amount) => void;
  readonly #total: number;
  #done = 0;

  constructor(total: number, report: (amount: Amount) => void) {
    this.#total = total;
    this.#report = report;
  }

  /** Counts the bytes of a stream. If it is opened again, its count starts again. */
  counting(open: () => Readable | Promise<Readable>): () => Promise<Readable> {
    let counted = 0;
    return async () => {
      this.add(-counted);
      counted = 0;
      const counter = new Transform({
        transform: (chunk: Buffer, _encoding, done) => {
          counted += chunk.length;
          this.add(chunk.length);
          done(null, chunk);
        },
      });
      return pipeline(await open(), counter, () => undefined);
    };
  }

  add(bytes: number): void {
    this.#done += bytes;
    this.#report({ done: this.#done, total: this.#total, unit: 'bytes' });
  }
}
