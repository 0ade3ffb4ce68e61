import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { writeInTurn } from '../../cli/output.ts';

describe('a result is written', () => {
  /** Whether the write has ended after the other work in progress. */
  const hasEnded = async (write: Promise<void>): Promise<boolean> => {
    let ended = false;
    void write.then(() => (ended = true));
    await new Promise((resolve) => setImmediate(resolve));
    return ended;
  };

  test('when a slow reader has taken the ones before', async () => {
    const sink = new PassThrough({ highWaterMark: 1 });
    const write = writeInTurn(sink, 'a result', new AbortController().signal);
    expect(await hasEnded(write)).toBe(false);
    expect(String(sink.read())).toBe('a result');
    await write;
    expect(await hasEnded(write)).toBe(true);
  });

  test('and not waited for after an interruption', async () => {
    const interruption = new AbortController();
    const write = writeInTurn(new PassThrough({ highWaterMark: 1 }), 'a result', interruption.signal);
    interruption.abort();
    await write;
    expect(await hasEnded(write)).toBe(true);
  });
});
