import { once } from 'node:events';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { discardBody } from '../../../../adapter/http/body.ts';
import type { Body, ModelRequest, ModelResponse } from '../../../../adapter/http/message.ts';
import { createExpressModelServer } from '../../../../adapter/model/express.ts';
import type { ModelServer } from '../../../../adapter/model/model-server.ts';
import { wholeReply } from '../../../support/whole-reply.ts';

describe('an app in process fails one call alone if its code throws', () => {
  let model: ModelServer;
  beforeEach(async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    model = createExpressModelServer({ module: join(import.meta.dirname, 'late-errors-app.ts'), export: 'app' });
    await model.ready();
  });
  afterEach(async () => {
    await model.close();
    vi.restoreAllMocks();
  });

  function request(path: string, body: Body = Buffer.alloc(0)): ModelRequest {
    const { signal } = new AbortController();
    return { method: 'POST', path, query: '', headers: [], body, signal, deadline: Number.POSITIVE_INFINITY };
  }

  function streamOf({ body }: ModelResponse): Exclude<Body, Buffer> {
    if (Buffer.isBuffer(body)) throw new Error('the reply is whole');
    return body;
  }

  /** What sets off the app's code, from outside of its call. */
  const causes: Readonly<Record<string, (path: string) => Promise<void>>> = {
    '/data': async (path) => {
      const stream = new PassThrough();
      const reply = model.handle(request(path, { stream, length: undefined }));
      stream.write('part');
      await expect(reply).rejects.toMatchObject({ code: 'MODEL_CRASHED' });
    },
    '/end': async (path) => {
      const stream = new PassThrough();
      const reply = model.handle(request(path, { stream, length: undefined }));
      stream.end('part');
      await expect(reply).rejects.toMatchObject({ code: 'MODEL_CRASHED' });
    },
    '/drain': async (path) => {
      const { stream } = streamOf(await model.handle(request(path)));
      expect(await once(stream.resume(), 'error')).toMatchObject([{ code: 'MODEL_CRASHED' }]);
    },
    '/written': async (path) => {
      const { stream } = streamOf(await model.handle(request(path)));
      expect(await once(stream.resume(), 'error')).toMatchObject([{ code: 'MODEL_CRASHED' }]);
    },
    '/close': async (path) => {
      discardBody(streamOf(await model.handle(request(path))));
      await vi.waitFor(() => expect(console.error).toHaveBeenCalled(), 20_000);
    },
  };
  test.each(Object.entries(causes))('outside of a handler, %s', async (path, cause) => {
    const others = [1, 2].map(async () => wholeReply(model, request('/later')));
    await cause(path);
    expect((await Promise.all(others)).map(({ body }) => body.toString())).toEqual(['later', 'later']);
  });
});
