import { droppedLine } from './log.ts';

/**
 * Writes the line about a call to stdout. If the reader of the log is too slow, lines wait in memory. Beyond a megabyte of
 * them, further lines are dropped, and the next line that is written is preceded by one that says how many.
 */
export function writeLine(line: string): void {
  if (process.stdout.writableLength > mostWaiting) {
    dropped += 1;
    return;
  }
  if (dropped > 0) process.stdout.write(droppedLine(dropped));
  dropped = 0;
  process.stdout.write(line);
}

let dropped = 0;

/** Bytes. */
const mostWaiting = 1 << 20;
