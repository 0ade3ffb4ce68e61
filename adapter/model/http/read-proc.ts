import { open } from 'node:fs/promises';

/** Reads a file of /proc as Latin-1. Rejects with Node's error. */
export type ReadProc = (path: string) => Promise<string>;

/**
 * Returns a function that reads one file of /proc after the other, all into the same small buffer. readFile allocates
 * 64 KB for each of them, because they do not tell their size. The function must not be called again before it has
 * ended.
 */
export function procReader(): ReadProc {
  const buffer = Buffer.allocUnsafe(4096);
  return async (path) => {
    const file = await open(path);
    try {
      let text = '';
      for (;;) {
        const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
        if (bytesRead === 0) return text;
        text += buffer.toString('latin1', 0, bytesRead);
      }
    } finally {
      await file.close();
    }
  };
}
