/**
 * Keeps a copy of the last lines that this process prints, for the error of an app that fails to start.
 */
export function keepTail(maximumLines = 50): { lines(): string[]; stop(): void } {
  let text = '';
  const restore = [process.stdout, process.stderr].map((stream) => {
    const write = stream.write.bind(stream) as (...parameters: unknown[]) => boolean;
    const own = Object.getOwnPropertyDescriptor(stream, 'write');
    stream.write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
      text = (text + (typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString())).slice(-16_384);
      return write(chunk, ...rest);
    };
    return () => {
      if (own === undefined) Reflect.deleteProperty(stream, 'write');
      else Object.defineProperty(stream, 'write', own);
    };
  });
  return {
    lines: () =>
      text
        .split('\n')
        .filter((line) => line.trim() !== '')
        .slice(-maximumLines),
    stop: () => {
      for (const undo of restore) undo();
    },
  };
}
