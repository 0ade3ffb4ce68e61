import { describe, expect, test } from 'vitest';
import { type Input } from '../../../cli/call/inputs.ts';
import { runCalls } from '../../../cli/call/run-calls.ts';
import type { CallResult } from '../../../cli/call/send.ts';

const reply: CallResult = {
  kind: 'reply',
  status: 200,
  milliseconds: 1,
  contentType: 'text/plain',
  activationId: undefined,
  body: Buffer.from('ok'),
};

async function* inputs(count: number): AsyncGenerator<Input> {
  for (let index = 0; index < count; index += 1) yield { index, name: `${index}.png` };
}

async function run(count: number, concurrency: number, unordered: boolean): Promise<{ told: number[]; most: number }> {
  const told: number[] = [];
  let running = 0;
  let most = 0;
  const call = async ({ index }: Input): Promise<CallResult> => {
    running += 1;
    most = Math.max(most, running);
    // The first takes the longest.
    await new Promise((resolve) => setTimeout(resolve, index === 0 ? 60 : 5));
    running -= 1;
    return reply;
  };
  await runCalls(inputs(count), call, {
    concurrency,
    unordered,
    onEnd: () => undefined,
    onResult: async ({ index }) => void told.push(index),
  });
  return { told, most };
}

describe('many calls', () => {
  test('are reported in the order of their inputs', async () => {
    const { told } = await run(20, 4, false);
    expect(told).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });

  test('are reported as they end with --unordered', async () => {
    const { told } = await run(20, 4, true);
    expect(told).toHaveLength(20);
    expect(told.indexOf(0)).toBeGreaterThan(0);
  });

  test.each([1, 4, 16])('run %i at a time', async (concurrency) => {
    expect((await run(30, concurrency, false)).most).toBe(concurrency);
  });
});
