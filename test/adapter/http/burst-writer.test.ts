import { setImmediate as turn } from 'node:timers/promises';
import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { BurstWriter } from '../../../adapter/http/burst-writer.ts';

/** A destination that keeps what each write brings. */
function destination(highWaterMark = 1_000_000): { readonly writable: Writable; readonly writes: string[] } {
  const writes: string[] = [];
  const writable = new Writable({
    highWaterMark,
    write(chunk: Buffer, _encoding, done) {
      writes.push(chunk.toString());
      setImmediate(done);
    },
  });
  return { writable, writes };
}

describe('a burst writer', () => {
  test('writes chunks that arrive apart apart, and at once', async () => {
    const { writable, writes } = destination();
    const writer = new BurstWriter(writable, () => undefined);
    for (let index = 0; index < 50; index += 1) {
      writer.write(Buffer.from(`data: ${index}\n\n`));
      await turn();
      await turn();
    }
    expect(writes).toEqual(Array.from({ length: 50 }, (_, index) => `data: ${index}\n\n`));
  });

  test('writes the first chunks of a turn apart, and joins the others by the end of it', async () => {
    const { writable, writes } = destination();
    const writer = new BurstWriter(writable, () => undefined);
    for (let index = 0; index < 10_000; index += 1) writer.write(Buffer.from('x'));
    while (writes.join('').length < 10_000) await turn();
    expect(writes.slice(0, 16)).toEqual(Array.from({ length: 16 }, () => 'x'));
    expect(writes.length).toBeLessThan(20);
  });

  test('keeps the order of chunks of any size', async () => {
    const { writable, writes } = destination();
    const writer = new BurstWriter(writable, () => undefined);
    const chunks = Array.from({ length: 300 }, (_, index) => `${index} `.repeat(index % 7 === 0 ? 5000 : 1));
    for (const chunk of chunks) writer.write(Buffer.from(chunk));
    writer.flush();
    while (writes.join('').length < chunks.join('').length) await turn();
    expect(writes.join('')).toBe(chunks.join(''));
  });

  test('reports backpressure of the destination, at once or at the end of a burst', async () => {
    const { writable } = destination(100);
    let full = 0;
    const writer = new BurstWriter(writable, () => (full += 1));
    expect(writer.write(Buffer.alloc(100))).toBe(false);
    for (let index = 0; index < 20; index += 1) writer.write(Buffer.alloc(10));
    await turn();
    expect(full).toBe(1);
  });
});
