import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { commandContext } from '../../cli/context.ts';
import { amountText, openProgress } from '../../cli/progress.ts';
import { layerProgress } from '../../image/engines/docker/layer-progress.ts';
import { type Amount, ByteCounter } from '../../image/progress.ts';

/** The output if stderr is not a terminal. */
async function printed(options: { quiet?: boolean }, total: number): Promise<string> {
  let text = '';
  const sink = { write: (more: string) => void (text += more) };
  const context = commandContext({}, { stdout: sink, stderr: sink });
  const display = await openProgress(context, { quiet: false, verbose: false, ...options }, total);
  display.progress('one', 'sending');
  display.progress('one', 'sending', { done: 1, total: 2, unit: 'bytes' });
  display.finished('one', 'done');
  display.progress('two', 'sending');
  display.finished('two', 'failed');
  display.close();
  return text;
}

describe('if stderr is not a terminal', () => {
  test('each step is a line, and each item that ends says how, and how many have ended', async () => {
    expect(await printed({}, 2)).toBe('[one] sending\n[one] done, 1 of 2\n[two] sending\n[two] failed, 2 of 2\n');
  });

  test('a single item is not counted', async () => {
    expect(await printed({}, 1)).toBe('[one] sending\n[two] sending\n');
  });

  test('--quiet prints nothing', async () => {
    expect(await printed({ quiet: true }, 2)).toBe('');
  });
});

test.each<[Amount, string]>([
  [{ done: 12_000_000, total: 40_000_000, unit: 'bytes' }, '12 MB of 40 MB'],
  [{ done: 0, total: 900, unit: 'bytes' }, '0 bytes of 900 bytes'],
  [{ done: 3, total: 12, unit: 'layers' }, '3 of 12 layers'],
])('%j is shown as %j', (amount, text) => {
  expect(amountText(amount)).toBe(text);
});

test('bytes are counted on arrival, over several streams, and again from the start if one is opened again', async () => {
  const seen: number[] = [];
  const counter = new ByteCounter(9, ({ done }) => seen.push(done));
  const first = counter.counting(() => Readable.from([Buffer.from('ab'), Buffer.from('c')]));
  const second = counter.counting(() => Readable.from([Buffer.from('defghi')]));
  expect(String(await buffer(await first()))).toBe('abc');
  expect(String(await buffer(await first()))).toBe('abc');
  expect(String(await buffer(await second()))).toBe('defghi');
  expect(seen).toEqual([0, 2, 3, 0, 2, 3, 3, 9]);
});

test('a stream that fails fails through its counter with the same error', async () => {
  const failing = new ByteCounter(1, () => undefined).counting(() =>
    new Readable({ read: () => undefined }).destroy(new Error('gone')),
  );
  await expect(buffer(await failing())).rejects.toThrow('gone');
});

test.each([
  // As Docker 20.10 prints them without a terminal.
  [
    'push',
    'The push refers to repository [127.0.0.1:5000/me/a]|5f70bf18a086: Preparing|0b9c7f1a4f2e: Preparing|' +
      '5f70bf18a086: Layer already exists|0b9c7f1a4f2e: Pushed|latest: digest: sha256:00 size: 528',
    ['0 of 1', '0 of 2', '1 of 2', '2 of 2'],
  ],
  [
    'pull',
    'v1: Pulling from models/a|5f70bf18a086: Pulling fs layer|5f70bf18a086: Verifying Checksum|' +
      '5f70bf18a086: Download complete|5f70bf18a086: Pull complete|Digest: sha256:00',
    ['0 of 1', '0 of 1', '0 of 1', '1 of 1'],
  ],
])('docker %s shows the number of finished layers', (_, lines, amounts) => {
  const seen: string[] = [];
  const tell = layerProgress('moving', (message, amount) => {
    seen.push(`${message} ${String(amount?.done)} of ${String(amount?.total)}`);
  });
  for (const line of lines.split('|')) tell(line);
  expect(seen).toEqual(amounts.map((amount) => `moving ${amount}`));
});
