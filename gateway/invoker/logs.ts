import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** A line that an instance wrote. */
export interface LogLine {
  readonly time: Date;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

/** The line that an instance writes on each stream when the output of an activation is complete. */
export const activationMarker = 'XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX';

/**
 * Collects the output of an instance and assigns it to activations. An instance that works on several activations at a
 * time writes their markers in the order in which they end, on both streams. Before its marker on stdout, the adapter
 * writes a JSON line with the activation's id, so that each activation gets its own part, in any order of `take`.
 */
export class LogCollector {
  readonly #parts: Readonly<Record<LogLine['stream'], Part[]>> = { stdout: [], stderr: [] };
  readonly #unfinished: Record<LogLine['stream'], LogLine[]> = { stdout: [], stderr: [] };
  readonly #waiting = new Set<() => void>();
  readonly #onLine: (line: LogLine) => void;

  constructor(onLine: (line: LogLine) => void) {
    this.#onLine = onLine;
  }

  /** Reads a stream line by line to its end. */
  read(stream: LogLine['stream'], source: Readable): void {
    createInterface({ input: source, crlfDelay: Infinity }).on('line', (text) => {
      if (text === activationMarker) {
        const lines = this.#unfinished[stream];
        this.#parts[stream].push({ lines, id: idIn(lines.at(-1)?.text ?? '') });
        this.#unfinished[stream] = [];
        for (const look of this.#waiting) look();
        return;
      }
      const line = { time: new Date(), stream, text };
      this.#unfinished[stream].push(line);
      this.#onLine(line);
    });
  }

  /**
   * Takes the lines of an activation that has ended, in the order of their times. Pipes may lag behind the reply, so the
   * markers are awaited, but only briefly: an image need not write them.
   */
  async take(activationId: string): Promise<readonly string[]> {
    if (this.#indexOf(activationId) === undefined) await this.#part(activationId);
    const index = this.#indexOf(activationId);
    const lines = index === undefined ? this.#takeRest() : this.#takePart(index);
    return lines.toSorted((one, other) => one.time.getTime() - other.time.getTime()).map((line) => formatLine(line));
  }

  /** The part with this id, or else the first one without an id. Undefined while it is not complete. */
  #indexOf(activationId: string): number | undefined {
    const { stdout, stderr } = this.#parts;
    const own = stdout.findIndex(({ id }) => id === activationId);
    const index = own === -1 ? stdout.findIndex(({ id }) => id === undefined) : own;
    return index === -1 || index >= stderr.length ? undefined : index;
  }

  #part(activationId: string): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve();
      };
      const look = (): void => {
        if (this.#indexOf(activationId) !== undefined) end();
      };
      const timer = setTimeout(end, longestWait);
      this.#waiting.add(look);
    });
  }

  #takePart(index: number): readonly LogLine[] {
    const { stdout, stderr } = this.#parts;
    return [...stdout.splice(index, 1), ...stderr.splice(index, 1)].flatMap(({ lines }) => lines);
  }

  /** Everything that is not another activation's. */
  #takeRest(): readonly LogLine[] {
    const { stdout, stderr } = this.#unfinished;
    this.#unfinished.stdout = [];
    this.#unfinished.stderr = [];
    const complete = this.#parts.stdout.some(({ id }) => id !== undefined) ? [] : this.#takeParts();
    return [...complete, ...stdout, ...stderr];
  }

  #takeParts(): readonly LogLine[] {
    const { stdout, stderr } = this.#parts;
    return [...stdout.splice(0), ...stderr.splice(0)].flatMap(({ lines }) => lines);
  }
}

/** What an instance wrote on one stream up to a marker. */
interface Part {
  readonly lines: readonly LogLine[];
  /** The activation's, if the last line tells it. */
  readonly id: string | undefined;
}

const longestWait = 200;

function idIn(text: string): string | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const { activationId } = JSON.parse(text) as { readonly activationId?: unknown };
    return typeof activationId === 'string' ? activationId : undefined;
  } catch {
    return undefined;
  }
}

/** `<time, padded to 30> stdout: text`, as in an activation record. */
function formatLine({ time, stream, text }: LogLine): string {
  return `${time.toISOString().padEnd(30)} ${stream}: ${text}`;
}
