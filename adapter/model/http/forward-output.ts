import { once } from 'node:events';

/** The stream of a process that a line was written to. */
export type OutputStream = 'stdout' | 'stderr';

/**
 * Receives a line of the model server. Returns a promise if the reader of the log is too slow: it resolves when the
 * next line may be passed.
 */
export type ForwardLine = (line: string, stream: OutputStream) => Promise<unknown> | undefined;

/**
 * Writes the model server's lines to this process's output. A line gets the prefix "model: ", so that it is not
 * mistaken for one of the adapter's. With `MODELWHISK_LOG=json`, a JSON object stays unchanged, on its stream:
 * platforms read severity and trace from it (Cloud Run, Lambda, Azure).
 */
export function forwardOutput(log: 'json' | 'off'): ForwardLine {
  return (line, stream) =>
    log === 'json' && isJsonObjectText(line) ? write(process[stream], line) : write(process.stdout, `model: ${line}`);
}

function write(target: NodeJS.WriteStream, line: string): Promise<unknown> | undefined {
  if (target.write(`${line}\n`)) return undefined;
  return drained.get(target) ?? waitForDrain(target);
}

/** One promise for all waiting lines. */
const drained = new Map<NodeJS.WriteStream, Promise<unknown>>();

function waitForDrain(target: NodeJS.WriteStream): Promise<unknown> {
  // A stream whose reader has gone fails, and takes every line.
  const waiting = once(target, 'drain')
    .catch(() => undefined)
    .finally(() => drained.delete(target));
  drained.set(target, waiting);
  return waiting;
}

function isJsonObjectText(line: string): boolean {
  if (!/^\s*\{.*\}\s*$/.test(line)) return false;
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
