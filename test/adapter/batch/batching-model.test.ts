import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ModelServerError } from '../../../adapter/errors.ts';
import type { ModelResponse } from '../../../adapter/http/message.ts';
import { batching, doubling, json, modelThat, requestOf, sleep } from './support.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Starts the calls in this order, and lets the time pass until all have ended. */
async function all<Result>(calls: readonly Promise<Result>[]): Promise<PromiseSettledResult<Result>[]> {
  const settled = Promise.allSettled(calls);
  await vi.runAllTimersAsync();
  return settled;
}

async function texts(calls: readonly Promise<string>[]): Promise<string[]> {
  return (await all(calls)).map((each) => (each.status === 'fulfilled' ? each.value : String(each.reason)));
}

const of = (...values: readonly unknown[]): string => `{"instances":${JSON.stringify(values)}}`;
const reply = (...values: readonly number[]): string => `{"predictions": [${values.join(', ')}], "model": "m"}`;

const addressOf = (host: string) => ({ protocol: 'https', host, prefix: '' }) as const;

describe('gathering', () => {
  test('the first call is sent at once, calls that arrive meanwhile share a request, and each gets its part', async () => {
    const { model, bodies } = doubling();
    const { text } = batching(model);
    expect(await texts([text(of(1)), text(of(2, 3)), text(of(4))])).toEqual([reply(2), reply(4, 6), reply(8)]);
    expect(bodies()).toEqual([of(1), of(2, 3, 4)]);
  });

  test('a single call and its reply are passed on unchanged', async () => {
    const { model, requests } = modelThat(() => json('{"x":1}', 418, [['set-cookie', 'a=b']]));
    const request = requestOf(of(1), { more: [['traceparent', '00-1']] });
    const response = await batching(model).model.handle(request);
    expect(requests).toEqual([request]);
    expect(response).toEqual(json('{"x":1}', 418, [['set-cookie', 'a=b']]));
  });

  test('a call waits no longer than `wait`, however long the one in progress takes', async () => {
    const { model, requests } = doubling(1000);
    const { text } = batching(model, { wait: 7 });
    void text(of(1));
    void text(of(2));
    await vi.advanceTimersByTimeAsync(6);
    expect(requests).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(requests).toHaveLength(2);
  });

  test('waiting calls are sent as soon as the request in progress has ended', async () => {
    const { model, requests } = doubling(20);
    const { text } = batching(model, { wait: 5000 });
    void text(of(1));
    void text(of(2));
    await vi.advanceTimersByTimeAsync(20);
    expect(requests).toHaveLength(2);
  });

  test('a batch has at most `largest` inputs, and is sent once it has that many', async () => {
    const { model, bodies } = doubling(1000);
    const { text } = batching(model, { largest: 3, wait: 500 });
    const calls = [
      text(of(0)),
      text(of(1)),
      text(of(2)),
      text(of(3)),
      text(of(4, 5)),
      text(of(6, 7)),
      text(of(8, 9, 10, 11)),
    ];
    await vi.advanceTimersByTimeAsync(499);
    expect(bodies()).toEqual([of(0), of(1, 2, 3), of(4, 5), of(8, 9, 10, 11)]);
    await texts(calls);
    expect(bodies().at(-1)).toBe(of(6, 7));
  });

  test('a batch has at most `bytes` bytes of its calls’ bodies', async () => {
    const { model, bodies } = doubling();
    const { text } = batching(model, { bytes: 45 });
    await texts([
      text(of(0)),
      text(of(1)),
      text(of(2)),
      text(of(3)),
      text(of(1_000_000, 2_000_000, 3_000_000, 4_000_000)),
    ]);
    expect(bodies()).toEqual([of(0), of(1, 2), of(1_000_000, 2_000_000, 3_000_000, 4_000_000), of(3)]);
  });

  test('a call whose time is short does not wait', async () => {
    const { model, bodies } = doubling(1000);
    const { text } = batching(model, { wait: 50 });
    void text(of(1));
    void text(of(2), { deadline: Date.now() + 90 });
    void text(of(3));
    await vi.advanceTimersByTimeAsync(1);
    expect(bodies()).toEqual([of(1), of(2)]);
  });

  test.each([
    ['another query', { query: 'top=3' }, {}],
    ['another address of the model server', { outer: addressOf('a') }, { outer: addressOf('b') }],
    ['a header that may matter', { more: [['x-tenant', 'a'] as const] }, { more: [['x-tenant', 'b'] as const] }],
    ['other credentials', { more: [['Authorization', 'a'] as const] }, { more: [['Authorization', 'b'] as const] }],
  ])('%s is not shared', async (_case, one, other) => {
    const { model, bodies, requests } = doubling();
    const { text } = batching(model);
    const calls = [text(of(0), one), text(of(1), one), text(of(2), one), text(of(3), other), text(of(4), other)];
    await texts(calls);
    expect(bodies()).toEqual([of(0), of(3), of(1, 2), of(4)]);
    const [first, , shared] = requests;
    expect([shared?.query, shared?.outer]).toEqual([first?.query, first?.outer]);
  });

  test('calls share a request only if the rest of the JSON is equal except for white space, and it keeps every digit and name', async () => {
    const { model, bodies } = doubling();
    const { text } = batching(model);
    const body = (value: number, top: string): string =>
      `{ "instances" : [ ${value} ], "parameters": {"top":${top},"top":2}}`;
    const spaced = ['1', '1.0', '1.0', '1'].map((top, value) => body(value, top));
    const [first, ...others] = [...spaced, body(4, '1.0').replaceAll(' ', '')];
    await texts([first ?? '', ...others].map((each) => text(each)));
    expect(bodies().toSorted()).toEqual(
      [first, body(1, '1.0'), body(3, '1'), '{"instances":[2,4],"parameters":{"top":1.0,"top":2}}'].toSorted(),
    );
  });

  test('headers about one call or its client make no difference, and are not passed on', async () => {
    const { model, requests } = doubling();
    const { text } = batching(model);
    const named = (id: string) => ({
      more: ['traceparent', 'X-Request-Id', 'User-Agent', 'x-openwhisk-activation-id'].map(
        (name) => [name, id] as const,
      ),
    });
    await texts([text(of(1), named('a')), text(of(2), named('b')), text(of(3), named('c'))]);
    expect(requests.map(({ headers }) => headers.map(([name]) => name))).toEqual([
      ['content-type', 'traceparent', 'X-Request-Id', 'User-Agent', 'x-openwhisk-activation-id'],
      ['content-type', 'Accept-Encoding'],
    ]);
  });

  test.each([
    ['another type', of(2), { headers: [['content-type', 'text/plain'] as const] }],
    ['another path', of(2), { path: '/v1/models/n:predict' }],
    ['another method', of(2), { method: 'PUT' }],
    ['a body that is compressed', of(2), { more: [['content-encoding', 'gzip'] as const] }],
    ['a caller who wants events', of(2), { more: [['accept', 'text/event-stream'] as const] }],
    ['a body that asks for a stream', '{"instances":[2],"stream": true}', {}],
    ['no JSON', '{"instances":[2]', {}],
    ['no list', '{"instances":2}', {}],
    ['no such member', '{"inputs":[2]}', {}],
    ['an empty list', '{"instances":[]}', {}],
    ['a list that is there twice', '{"instances":[1],"instances":[2]}', {}],
  ])('%s is sent alone and at once', async (_case, body, options) => {
    const { model, bodies } = modelThat(async () => {
      await sleep(1000);
      return json('{}');
    });
    const { text } = batching(model);
    void text(of(1));
    void text(body, options);
    await vi.advanceTimersByTimeAsync(1);
    expect(bodies().toSorted()).toEqual([of(1), body].toSorted());
  });
});

describe('the reply', () => {
  test('is divided as text, so that digits, repeated names and spaces stay', async () => {
    const { model } = modelThat(async (_request, body) => {
      await sleep(10);
      return json(
        body.includes('2')
          ? '{\n "predictions": [\n  12345678901234567890,\n  {"a": 1.0, "a": NaN},\n  "]\\"é"\n ], "rest": 0.10 }'
          : '{}',
      );
    });
    const { text } = batching(model);
    expect(await texts([text(of(1)), text(of(2)), text(of(3)), text(of(4))])).toEqual([
      '{}',
      '{\n "predictions": [\n  12345678901234567890\n ], "rest": 0.10 }',
      '{\n "predictions": [\n  {"a": 1.0, "a": NaN}\n ], "rest": 0.10 }',
      '{\n "predictions": [\n  "]\\"é"\n ], "rest": 0.10 }',
    ]);
  });

  test('has the status and the type of the whole, without headers about its bytes or one caller', async () => {
    const { model } = modelThat(async (_request, body) => {
      await sleep(10);
      const { instances } = JSON.parse(body) as { instances: number[] };
      const headers: ModelResponse['headers'] = [
        ['Content-Type', 'application/json; x=y'],
        ['Content-Length', '99'],
        ['ETag', '"1"'],
        ['Set-Cookie', 'session=1'],
        ['x-model', '7'],
      ];
      return { status: 203, headers, body: Buffer.from(JSON.stringify({ predictions: instances })) };
    });
    const { handle } = batching(model);
    const [, second] = await all([handle(of(1)), handle(of(2)), handle(of(3))]);
    expect(second).toMatchObject({
      value: {
        status: 203,
        headers: [
          ['Content-Type', 'application/json; x=y'],
          ['x-model', '7'],
          ['content-length', '19'],
        ],
        body: Buffer.from('{"predictions":[2]}'),
      },
    });
  });

  test.each([
    ['of another length', '{"predictions":[1]}', '1 outputs at /predictions'],
    ['without the list', '{"outputs":[1,2]}', 'a reply without a list at /predictions'],
    ['that is no JSON', 'ok', 'a reply without a list at /predictions'],
  ])('%s fails all calls with both numbers', async (_case, answer, words) => {
    const { model, requests } = modelThat(async () => {
      await sleep(10);
      return json(answer);
    });
    const { text } = batching(model, { idempotent: true });
    const [, second, third] = await all([text(of(1)), text(of(2)), text(of(3))]);
    for (const each of [second, third]) {
      expect(each).toMatchObject({
        reason: { code: 'MODEL_REPLY', message: `the model server answered a batch of 2 inputs with ${words}` },
      });
    }
    expect(requests).toHaveLength(2);
  });

  test('over the limit fails all calls', async () => {
    const { model } = doubling();
    const { text } = batching(model, {}, 40);
    const [first, second] = await all([text(of(1)), text(of(2)), text(of(300_000))]);
    expect(first).toMatchObject({ value: reply(2) });
    expect(second).toMatchObject({
      reason: { code: 'MODEL_REPLY', message: expect.stringContaining('more than 40 bytes') },
    });
  });
});

describe('an error of the whole', () => {
  /** Refuses lists that contain 13, and crashes for 666. */
  function superstitious(status: number) {
    return modelThat(async (_request, body) => {
      await sleep(10);
      const { instances } = JSON.parse(body) as { instances: number[] };
      if (instances.includes(666)) throw new ModelServerError('MODEL_CRASHED', 'the model server died');
      return instances.includes(13) ? json('{"error":"13"}', status) : json(JSON.stringify({ predictions: instances }));
    });
  }

  test('makes each call be sent again, alone, if the route is idempotent', async () => {
    const { model, bodies } = superstitious(400);
    const { handle } = batching(model, { idempotent: true });
    const ended = await all([handle(of(1)), handle(of(2)), handle(of(13)), handle(of(3))]);
    const statuses = ended.map((each) => (each.status === 'fulfilled' ? each.value.status : each.reason));
    expect(statuses).toEqual([200, 200, 400, 200]);
    expect(bodies()).toEqual([of(1), of(2, 13, 3), of(2), of(13), of(3)]);
  });

  test('includes a crash of the model server: only the call that causes it fails', async () => {
    const { model } = superstitious(400);
    const { text } = batching(model, { idempotent: true });
    const ended = await all([text(of(1)), text(of(2)), text(of(666)), text(of(3))]);
    expect(ended.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  });

  test('a batch that hangs is given up halfway to its deadline, and its calls are sent alone', async () => {
    const { model, requests } = modelThat(async (request, body) => {
      if (!body.includes('0')) return json('{"predictions":[1]}');
      if (body === of(0)) await sleep(10);
      return new Promise((_fulfil, reject) => {
        request.signal.addEventListener('abort', () => reject(new ModelServerError('MODEL_TIMEOUT', 'given up')));
      });
    });
    const { text } = batching(model, { idempotent: true, wait: 5 });
    const impatient = new AbortController();
    const { signal } = impatient;
    setTimeout(() => impatient.abort(), 59_000);
    const calls = [text(of(0), { signal }), text(of(1)), text(of(0), { signal }), text(of(2))];
    expect((await all(calls)).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled']);
    expect(requests.map(({ body }) => body.toString())).toEqual([of(0), of(1, 0, 2), of(1), of(0), of(2)]);
  });

  test('fails all calls if the route may have side effects, and nothing is sent twice', async () => {
    const { model, bodies } = superstitious(500);
    const { handle } = batching(model);
    const [, ...ended] = await all([handle(of(1)), handle(of(2)), handle(of(13))]);
    for (const each of ended)
      expect(each).toMatchObject({ value: { status: 500, body: Buffer.from('{"error":"13"}') } });
    expect(bodies()).toHaveLength(2);
  });

  test('about a too long batch makes the calls be sent alone in any case', async () => {
    const { model, bodies } = superstitious(413);
    const { handle } = batching(model);
    await all([handle(of(1)), handle(of(2)), handle(of(13))]);
    expect(bodies()).toEqual([of(1), of(2, 13), of(2), of(13)]);
  });
});

describe('a caller that disconnects', () => {
  test('leaves the batch while it waits', async () => {
    const { model, bodies } = doubling(1000);
    const { text } = batching(model, { wait: 10 });
    const leaving = new AbortController();
    const calls = [text(of(1)), text(of(2), { signal: leaving.signal }), text(of(3))];
    setTimeout(() => leaving.abort(), 5);
    expect(await texts(calls)).toEqual([reply(2), expect.stringContaining('did not answer in time'), reply(6)]);
    expect(bodies()).toEqual([of(1), of(3)]);
  });

  test('does not disturb the others once the batch was sent; the request ends when all have left', async () => {
    const { model, requests } = doubling(1000);
    const { text } = batching(model, { wait: 10 });
    const [one, other] = [new AbortController(), new AbortController()];
    void text(of(1));
    const calls = [text(of(2), { signal: one.signal }), text(of(3), { signal: other.signal })];
    const settled = Promise.allSettled(calls);
    await vi.advanceTimersByTimeAsync(20);
    one.abort();
    expect(requests[1]?.signal.aborted).toBe(false);
    other.abort();
    expect(requests[1]?.signal.aborted).toBe(true);
    expect(await settled).toMatchObject([{ reason: { code: 'MODEL_TIMEOUT' } }, { reason: { code: 'MODEL_TIMEOUT' } }]);
  });
});

describe('a body that is still arriving', () => {
  test('is read first, so that it can share', async () => {
    const { model, bodies } = doubling();
    const batched = batching(model).model;
    const streamed = (text: string) => ({
      ...requestOf(''),
      body: { stream: Readable.from([Buffer.from(text)], { objectMode: false }), length: text.length },
    });
    await all([batched.handle(streamed(of(1))), batched.handle(streamed(of(2))), batched.handle(streamed(of(3)))]);
    expect(bodies()).toEqual([of(1), of(2, 3)]);
  });
});
