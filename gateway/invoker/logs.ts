import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** One line that an instance wrote. */
export interface LogLine {
  readonly time: Date;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

/** The line that an instance writes to each stream at the end of an activation's output. */
export const activationMarker = 'XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX';

/** Collects the output of an instance and splits it into activations. */
export class LogCollector {
  readonly #lines: LogLine[] = [];
  #markers = 0;
  readonly #onLine: (line: LogLine) => void;
  #markersSeen: () => void = () => undefined;

  constructor(onLine: (line: LogLine) => void) {
    this.#onLine = onLine;
  }

  /** Reads a stream line by line until it ends. */
  read(stream: LogLine['stream'], source: Readable): void {
    createInterface({ input: source, crlfDelay: Infinity }).on('line', (text) => {
      const line = { time: new Date(), stream, text };
      this.#lines.push(line);
      if (text === activationMarker) this.#markers += 1;
      else this.#onLine(line);
      if (this.#markers >= 2) this.#markersSeen();
    });
  }

  /**
   * Takes the lines of the activation that has just ended: all up to the second marker, without the markers. Output
   * may arrive after the reply, so it waits for the markers, but only 200 ms: an image need not write them.
   */
  async take(): Promise<readonly string[]> {
    if (this.#markers < 2) await this.#waitForMarkers();
    let seen = 0;
    const end = this.#lines.findIndex(({ text }) => text === activationMarker && ++seen === 2);
    const taken = this.#lines.splice(0, end === -1 ? this.#lines.length : end + 1);
    const lines = taken.filter(({ text }) => text !== activationMarker);
    this.#markers -= taken.length - lines.length;
    return lines.map(formatLine);
  }

  #waitForMarkers(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, longestWait);
      this.#markersSeen = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Milliseconds. */
const longestWait = 200;

/** A line as an activation record has it: the time padded to 30 characters, the stream, the text. */
function formatLine({ time, stream, text }: LogLine): string {
  return `${time.toISOString().padEnd(30)} ${stream}: ${text}`;
}
