/** Cuts what a process writes into lines. */
export interface LineSplitter {
  write(bytes: Uint8Array): void;
  /** Gives out what is left without a line end. */
  end(): void;
}

const longestLine = 16_384;

/**
 * Calls `onLine` once per line, without its line end. A carriage return alone ends a line too, as progress bars
 * rewrite theirs. Characters split between two writes are put together again; a line longer than 16,384 characters
 * is given out in pieces, so that a flood without line ends does not grow memory.
 */
export function createLineSplitter(onLine: (line: string) => void): LineSplitter {
  const decoder = new TextDecoder();
  let pending = '';

  const take = (text: string): void => {
    // A "\r" at the very end may be half of "\r\n": the next write tells.
    const pieces = (pending + text).split(/\r?\n|\r(?=[^\n])/);
    pending = pieces.pop() ?? '';
    for (const line of pieces) emit(line);
    if (pending.length > longestLine) {
      emit(pending);
      pending = '';
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

/** The last lines a process wrote, for error messages. */
export interface Tail {
  push(line: string): void;
  toString(): string;
}

/** Keeps the last `lines` lines, each cut to 1,000 characters. */
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
