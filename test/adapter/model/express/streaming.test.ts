import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { discardBody } from '../../../../adapter/http/body.ts';
import type { ModelRequest } from '../../../../adapter/http/message.ts';
import { createExpressModelServer } from '../../../../adapter/model/express.ts';
import type { ModelServer } from '../../../../adapter/model/model-server.ts';
import { wholeReply } from '../../../support/whole-reply.ts';
import { steps } from './streaming-app.ts';

const module = join(import.meta.dirname, 'streaming-app.ts');

describe('the reply of an Express app in process', () => {
  let model: ModelServer;
  let caller: AbortController;
  beforeEach(async () => {
    steps.seen.length = 0;
    caller = new AbortController();
    model = createExpressModelServer({ module, export: 'app' });
    await model.ready();
  });
  afterEach(() => model.close());

  function get(path: string): ModelRequest {
    const body = Buffer.alloc(0);
    return { method: 'GET', path, query: '', headers: [], body, signal: caller.signal, deadline: 0 };
  }

  async function open(path: string): Promise<Readable> {
    const { body } = await model.handle(get(path));
    if (Buffer.isBuffer(body)) throw new Error('the reply is whole');
    return body.stream;
  }

  async function goOn(name: string): Promise<void> {
    await expect.poll(() => steps.go.has(name), { interval: 1 }).toBe(true);
    steps.go.get(name)?.();
    steps.go.delete(name);
  }

  test('starts with its head, and has each part when the app writes it', async () => {
    const stream = await open('/events');
    for (const name of ['first', 'second']) {
      const part = once(stream, 'data');
      await goOn(name);
      expect(String(await part)).toBe(`data: ${name}\n\n`);
    }
    await goOn('end');
    await once(stream, 'end');
  });

  test('ends also for the app when it is discarded', async () => {
    discardBody({ stream: await open('/events'), length: undefined });
    await expect.poll(() => steps.seen).toEqual(['closed']);
  });

  test('fails with MODEL_TIMEOUT in its middle when its caller disconnects', async () => {
    const stream = await open('/events');
    const failed = once(stream.resume(), 'error');
    caller.abort();
    expect(await failed).toMatchObject([{ code: 'MODEL_TIMEOUT' }]);
    await expect.poll(() => steps.seen).toEqual(['closed']);
  });

  test('fails with MODEL_CRASHED in its middle when the app throws outside of any handler', async () => {
    vi.spyOn(console, 'error').mockImplementationOnce(() => undefined);
    const failed = once((await open('/throw')).resume(), 'error');
    await goOn('throw');
    expect(await failed).toMatchObject([
      { code: 'MODEL_CRASHED', output: expect.stringContaining('outside of any handler') as string },
    ]);
  });

  test('fails with MODEL_CRASHED in its middle when the model server is closed', async () => {
    const failed = once((await open('/events')).resume(), 'error');
    await model.close();
    expect(await failed).toMatchObject([{ code: 'MODEL_CRASHED' }]);
  });

  test.each(['/destroy-when-finished', '/destroy-later'])(
    'does not suffer from an app that closes the connection of an earlier one: %s',
    async (path) => {
      for (let call = 0; call < 20; call += 1) {
        const { status, body } = await wholeReply(model, get(path));
        expect([status, body.toString()]).toEqual([200, 'done']);
      }
    },
  );
});
