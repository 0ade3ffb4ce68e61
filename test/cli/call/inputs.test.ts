import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { type InputOptions, inputsOf } from '../../../cli/call/inputs.ts';

async function namesOf(options: Partial<InputOptions>): Promise<string[]> {
  const names: string[] = [];
  const signal = options.signal ?? new AbortController().signal;
  for await (const { index, name } of inputsOf({ names: [], stdin: Readable.from([]), ...options, signal })) {
    expect(index).toBe(names.length);
    names.push(name);
  }
  return names;
}

describe('inputs', () => {
  test.each<[kind: string, options: Partial<InputOptions>, names: string[]]>([
    ['are the words of the command line', { names: ['a.png', 'b.png'] }, ['a.png', 'b.png']],
    [
      'are the lines of standard input, without empty ones and any kind of line end',
      { stdin: Readable.from([Buffer.from('a.png\r\n\n  b.png  \nhttps://example.com/c.png')]) },
      ['a.png', 'b.png', 'https://example.com/c.png'],
    ],
    ['come as often as asked for', { names: ['a', 'b'], repeat: 3 }, ['a', 'b', 'a', 'b', 'a', 'b']],
    ['of standard input are repeated as well', { stdin: Readable.from(['a\nb\n']), repeat: 2 }, ['a', 'b', 'a', 'b']],
    ['are empty if standard input is empty, even without an end', { duration: 1000 }, []],
  ])('%s', async (_kind, options, names) => {
    expect(await namesOf(options)).toEqual(names);
  });

  test('go on until the time is over, at the rate asked for', async () => {
    const began = performance.now();
    const names = await namesOf({ names: ['a'], duration: 500, rate: 40 });
    const took = performance.now() - began;
    // The first comes immediately, the last at the end of the duration.
    expect(names.length).toBeGreaterThan(2);
    expect(names.length).toBeLessThanOrEqual(21);
    expect(took).toBeLessThan(10_000);
  });

  test('end when the signal aborts, even in a wait for the next', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    expect(await namesOf({ names: ['a', 'b'], rate: 0.001, signal: controller.signal })).toEqual(['a']);
  });
});
