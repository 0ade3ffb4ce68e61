/** Splits the output of a process into lines. */
export interface LineSplitter {
  write(bytes: Uint8Array): void;
  /** Emits the rest without a line break. */
  end(): void;
}

/** The longest entry of CloudWatch Logs and Cloud Logging, whose lines may be JSON. */
const longestLine = 262_144;

/**
 * Calls `onLine` once per line, without its line break. A single carriage return also ends a line, for progress bars.
 * Characters split between two writes are joined. A line over 262,144 characters is emitted in pieces, to limit memory.
 */
export function createLineSplitter(onLine: (line: string) => void): LineSplitter {
  const decoder = new TextDecoder();
  let pending = '';
  /** Whether `pending` ends with "\r". It may be the first half of "\r\n", so it waits for the next write. */
  let hasReturn = false;

  const take = (text: string): void => {
    if (!hasReturn && !/[\r\n]/.test(text)) {
      // The line is not searched again for each of its parts.
      pending += text;
    } else {
      const pieces = (pending + text).split(/\r?\n|\r(?=[^\n])/);
      pending = pieces.pop() ?? '';
      hasReturn = pending.endsWith('\r');
      for (const line of pieces) emit(line);
    }
    if (pending.length > longestLine) {
      emit(pending);
      pending = '';
      hasReturn = false;
    }
  };
  const emit = (line: string): void => {
    for (let start = 0; start === 0 || start < line.length; start += longestLine) {
      onLine(line.slice(start, start + longestLine));
    }
  };

  return {
    write(bytes) {
      take(decoder.decode(bytes, { stream: true }));
    },
    end() {
      take(decoder.decode());
      if (pending !== '') emit(pending.replace(/\r$/, ''));
      pending = '';
    },
  };
}

/** The last lines of a process, for error messages. */
export interface Tail {
  push(line: string): void;
  toString(): string;
}

/** Keeps the last `lines` lines, each truncated to 1,000 characters. */
export function createTail(lines = 50): Tail {
  const kept: string[] = [];
  return {
    push(line) {
      kept.push(line.slice(0, 1000));
      if (kept.length > lines) kept.shift();
    },
    toString: () => kept.join('\n'),
  };
}
