import type { Writable } from 'node:stream';
import { Parts } from '../../core/http/parts.ts';

/**
 * Writes the chunks of a stream as they come, and joins those of a burst. A reply of three million chunks of one byte
 * would otherwise be as many writes, each with its own objects. Chunks that arrive apart, as events of a stream do, are
 * written apart and at once.
 */
export class BurstWriter {
  readonly #destination: Writable;
  readonly #onFull: () => void;
  /** Chunks in this turn of the event loop. */
  #count = 0;
  #joined: Parts | undefined;

  /** @param onFull called if the destination has enough after the end of a burst */
  constructor(destination: Writable, onFull: () => void) {
    this.#destination = destination;
    this.#onFull = onFull;
  }

  /** False if the destination has enough: it emits 'drain' when it takes more. */
  write(chunk: Buffer): boolean {
    // node:http reads everything that arrived with the chunk before the end of the turn.
    if (this.#count === 0) setImmediate(this.#endTurn);
    this.#count += 1;
    if (this.#count <= writtenApart) return this.#destination.write(chunk);
    this.#joined ??= new Parts();
    this.#joined.add(chunk);
    return this.#joined.length < longestBlock || this.flush();
  }

  /** Writes what waits for the end of its burst. */
  flush(): boolean {
    const parts = this.#joined?.take() ?? [];
    this.#joined = undefined;
    return parts.map((part) => this.#destination.write(part)).every(Boolean);
  }

  readonly #endTurn = (): void => {
    this.#count = 0;
    if (!this.flush()) this.#onFull();
  };
}

const writtenApart = 16;
const longestBlock = 65_536;
