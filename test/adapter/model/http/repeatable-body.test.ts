import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { collectBody } from '../../../../adapter/http/body.ts';
import type { Header } from '../../../../adapter/http/message.ts';
import { RepeatableBody } from '../../../../adapter/model/http/repeatable-body.ts';

interface Options {
  readonly milliseconds?: number;
  readonly trailers?: readonly Header[];
}

/** A body of which `first` is sent to a reader that then stops. */
async function sent(first: Buffer, { milliseconds = 60_000, trailers }: Options = {}) {
  const stream = new PassThrough({ highWaterMark: 4 << 20 });
  const body = { stream, length: undefined, ...(trailers && { trailers: () => trailers }) };
  const repeatable = new RepeatableBody(body, milliseconds);
  repeatable.body.onSending?.();
  const read = (): void => undefined;
  stream.on('data', read);
  stream.write(first);
  await sleep(20);
  const stop = (): void => void stream.off('data', read).pause();
  return { stream, repeatable, stop };
}

test('a body of which a part was sent has that part and the rest', async () => {
  const { stream, repeatable, stop } = await sent(Buffer.from('first,'));
  stop();
  const again = repeatable.again();
  stream.end('second');
  expect(again && (await collectBody(again))?.toString()).toBe('first,second');
});

test('a body that was sent to its end is whole', async () => {
  const { stream, repeatable } = await sent(Buffer.from('first,'));
  stream.end('second');
  await sleep(20);
  expect(repeatable.again()).toEqual(Buffer.from('first,second'));
});

test('a body can be sent again once', async () => {
  const { repeatable, stop } = await sent(Buffer.from('first,'));
  stop();
  expect(repeatable.again()).toBeDefined();
  expect(repeatable.again()).toBeUndefined();
});

test.each<[string, Buffer, Options]>([
  ['of which more than a megabyte was sent', Buffer.alloc((1 << 20) + 1), {}],
  ['that was sent for too long', Buffer.from('first'), { milliseconds: -1 }],
])('a body cannot be sent again %s', async (_, first, options) => {
  const { repeatable, stop } = await sent(first, options);
  stop();
  expect(repeatable.again()).toBeUndefined();
});

test('a body that ended with trailers cannot be sent again, because they would be lost', async () => {
  const { stream, repeatable } = await sent(Buffer.from('first'), { trailers: [['x-checksum', 'abc']] });
  stream.end();
  await sleep(20);
  expect(repeatable.again()).toBeUndefined();
});

test('a body whose sender broke off cannot be sent again', async () => {
  const { stream, repeatable, stop } = await sent(Buffer.from('first'));
  stream.on('error', () => undefined).destroy(new Error('broken off'));
  stop();
  expect(repeatable.again()).toBeUndefined();
});
