import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CustomHandler, invocationId, type Payload, startCustomHandler } from './custom-handler.ts';
import { sendHttp } from '../../http-client.ts';
import { triggerPayload } from './http-trigger.ts';
import { echoServer } from '../../echo-server.ts';

const row = {
  name: 'echo',
  title: 'Echo',
  image: 'me/echo',
  server: echoServer,
  predict: { path: '/form', input: { kind: 'file', field: 'image', filename: 'image.png', contentType: 'image/png' } },
};

let handler: CustomHandler;
beforeAll(async () => {
  handler = await startCustomHandler(row, { MODELWHISK_AZURE_TIMEOUT: '3000' });
});
afterAll(() => handler.stop());

const none = { query: '', headers: [], body: new Uint8Array() };

function request(method: string, path: string, query = ''): Payload {
  return triggerPayload({ ...none, method, path, query, timeLimit: 3000 });
}

function queueMessage(value: unknown): Payload {
  return { Data: { image: JSON.stringify(value) }, Metadata: { DequeueCount: '1' } };
}

const deleted = {
  id: '1',
  subject: '/blobServices/default',
  eventType: 'Microsoft.Storage.BlobDeleted',
  eventTime: '2026-01-01T00:00:00Z',
  data: { url: 'https://store/7.png' },
};

/** How many calls of two routes are in the log. */
function calls(): { form: number; after: number } {
  const count = (path: string): number => handler.output().stdout.split(`"path":"${path}"`).length;
  return { form: count('/form'), after: count('/after') };
}

/** The echo server's reply about a request. */
function seen(text: string): { url: string; headers: string[]; body: string } {
  return JSON.parse(text) as { url: string; headers: string[]; body: string };
}

describe('the custom handler', () => {
  test('answers the ping of the host', async () => {
    expect(await handler.send({ ...none, method: 'GET', path: '/' })).toMatchObject({ status: 200 });
  });

  test.each([
    ['GET', '/favicon.ico'],
    ['POST', '/a/b'],
  ])('says what %s %s would have to be', async (method, path) => {
    const { status, body } = await handler.send({ ...none, method, path });
    expect(status).toBe(404);
    expect(JSON.parse(Buffer.from(body).toString())).toEqual({
      message: `${method} ${path} is neither a function nor under /api`,
      hint: 'MODELWHISK_AZURE_ROUTE_PREFIX has to be the routePrefix of host.json',
    });
  });

  test('strips the route prefix in any case, and drops the key of the function', async () => {
    const headers = [
      ['X-Functions-Key', 'hush'],
      ['X-Own', '1'],
    ] as const;
    const { body } = await handler.send({ ...none, method: 'GET', path: '/API/seen', query: 'a=1', headers });
    const text = Buffer.from(body).toString();
    expect(seen(text).url).toBe('/seen?a=1');
    expect(seen(text).headers).toEqual(
      expect.arrayContaining(['X-Own', '1', 'X-Azure-Functions-InvocationId', invocationId]),
    );
    expect(text).not.toContain('hush');
  });

  test.each([
    ['proxied or forwarded', 'code=hush&a=1&b=2', '/seen?a=1&b=2'],
    ['in another case, and escaped', 'a=1&%43ode=hush', '/seen?a=1'],
    ['alone', 'code=hush', '/seen'],
    ['but no name that only starts so', 'codec=1&a=code=2', '/seen?codec=1&a=code=2'],
  ])('drops the key in the query: %s', async (_title, query, expected) => {
    const { body } = await handler.send({ ...none, method: 'GET', path: '/api/seen', query });
    expect(seen(Buffer.from(body).toString()).url).toBe(expected);
    const { json } = await handler.invoke('predict', request('GET', '/seen', query));
    expect(seen((json['Outputs'] as { res: { body: string } }).res.body).url).toBe(expected);
  });

  test('answers a negotiation with the unchanged connection', async () => {
    const connection = { url: 'https://hub.service.signalr.net/client/?hub=results', accessToken: 'ey.J0', more: null };
    const payload = request('POST', '/negotiate', 'negotiateVersion=1');
    const { status, json } = await handler.invoke('negotiate', { ...payload, Data: { ...payload.Data, connection } });
    expect([status, json]).toEqual([
      200,
      {
        Outputs: {
          res: { statusCode: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(connection) },
        },
        ReturnValue: null,
        Logs: [],
      },
    ]);
  });

  test("puts an HTTP request's failure into statusCode, so that its reason reaches the client", async () => {
    const { status, json } = await handler.invoke('predict', request('GET', '/hang'));
    expect([status, json]).toMatchObject([200, { Outputs: { res: { statusCode: 504 } } }]);
  });

  test('gives the model server the id of the invocation', async () => {
    const { json } = await handler.invoke('predict', request('GET', '/seen'));
    expect(JSON.stringify(json)).toContain(invocationId);
  });

  test('sends the bytes of a header on, which the host has read as UTF-8', async () => {
    const bytes = Buffer.from('Zoë ☃').toString('latin1');
    const payload = triggerPayload({
      ...none,
      method: 'GET',
      path: '/seen',
      headers: [['X-Name', bytes]],
      timeLimit: 3000,
    });
    const { json } = await handler.invoke('predict', payload);
    const { res } = json['Outputs'] as { res: { body: string } };
    expect((JSON.parse(res.body) as { headers: string[] }).headers).toContain(bytes);
  });

  test('takes a file by reference in the JSON of an HTTP request', async () => {
    const payload = triggerPayload({
      ...none,
      method: 'POST',
      path: '/form',
      headers: [['Content-Type', 'application/json']],
      body: Buffer.from('{"image_base64":"iVA="}'),
      timeLimit: 3000,
    });
    const { json } = await handler.invoke('predict', payload);
    const { res } = json['Outputs'] as { res: { body: string } };
    const { body } = JSON.parse(res.body) as { body: string };
    expect(Buffer.from(body, 'base64').toString('latin1')).toMatch(/name="image"; filename="image.png"/);
  });

  test.each([
    ['a message', queueMessage('data:image/png;base64,iVA=')],
    ['a blob', { Data: { image: 'iVA=' }, Metadata: { Uri: '"https://store/7.png"', Properties: {} } }],
  ])('makes the form of %s and answers with the result twice: for SignalR and unchanged', async (_title, payload) => {
    const { status, json } = await handler.invoke('classify', payload);
    const result = json['ReturnValue'] as { body: string };
    expect(Buffer.from(result.body, 'base64').toString('latin1')).toMatch(/name="image".*\r\n\r\n\x89P\r\n/s);
    expect(status).toBe(200);
    expect(json['Outputs']).toMatchObject({
      signalRMessages: { target: 'newResult', arguments: [{ body: result.body, predictedTagName: null }] },
    });
  });

  test.each([
    ['an image that may not be fetched', queueMessage('http://127.0.0.1:9/7.png'), 403, /has no public address/],
    ['a message without an image', queueMessage('{"name":"x"}'), 400, /the input file is missing/],
    ['a blob read as text', { Data: { image: '"PNG"' }, Metadata: { Uri: '""', Properties: {} } }, 415, /read as text/],
    ['a body that is not an invocation', 'hello', 400, /is not JSON/],
  ])('fails for %s, and says why in its log', async (_title, payload, wanted, reason) => {
    const { status, json } = await handler.invoke('classify', payload);
    expect([status, json]).toMatchObject([wanted, { error: { message: expect.stringMatching(reason) as string } }]);
    await expect.poll(() => handler.output().stderr).toMatch(/modelwhisk: function classify failed: \{"error":/);
  });

  test('answers a batch with a result for each of its messages, in their order', async () => {
    const messages = ['data:,first', '{"url":"data:,second"}'];
    const payload = { Data: { events: JSON.stringify(messages) }, Metadata: { SequenceNumberArray: '[1,2]' } };
    const { status, json } = await handler.invoke('classify', payload);
    const results = json['ReturnValue'] as { body: string }[];
    expect([
      status,
      results.map(({ body }) => /first|second/.exec(Buffer.from(body, 'base64').toString())?.[0]),
    ]).toEqual([200, ['first', 'second']]);
    const { signalRMessages } = json['Outputs'] as { signalRMessages: { arguments: { body: string }[] }[] };
    expect(signalRMessages.map((message) => message.arguments[0]?.body)).toEqual(results.map(({ body }) => body));
  });

  test('fails for a batch with a message that fails, says which, and has worked on the others', async () => {
    const messages = ['{"name":"x"}', '{"image_base64":"iVA="}', '{"name":"y"}'];
    const payload = { Data: { events: JSON.stringify(messages) }, Metadata: { SequenceNumberArray: '[1,2,3]' } };
    const { status, json } = await handler.invoke('batch', payload);
    expect([status, json]).toMatchObject([400, { messageOfBatch: 1, error: { message: 'the input file is missing' } }]);
    await expect.poll(() => handler.output().stderr).toMatch(/modelwhisk: \{"messageOfBatch":3,"error":/);
  });

  test.each([
    ['a timer', { IsPastDue: false, Schedule: {} }, 400, 'the event of a timer has no input for the model'],
    ['a blob that was deleted', deleted, 200, undefined],
  ])('never calls the model for the event of %s', async (_title, event, wanted, message) => {
    const before = calls();
    const { status, json } = await handler.invoke('tick', { Data: { event }, Metadata: {} });
    expect([status, (json['error'] as { message?: string } | undefined)?.message]).toEqual([wanted, message]);
    await handler.invoke('predict', request('GET', '/after'));
    await expect.poll(() => handler.output().stdout.split('"path":"/after"').length).toBeGreaterThan(before.after);
    expect(calls().form).toBe(before.form);
  });

  test('warms up without a call of the model', async () => {
    expect(await handler.invoke('Warmup', { Data: { warmupContext: {} }, Metadata: {} })).toMatchObject({
      status: 200,
      json: { Outputs: {}, ReturnValue: null },
    });
  });

  test('logs one line for each invocation, under its id', async () => {
    await handler.invoke('predict', request('GET', '/logged', 'token=hush'));
    const lines = (): string[] => handler.output().stdout.split('\n');
    await expect.poll(lines).toContainEqual(expect.stringContaining('"path":"/logged"'));
    const line = lines().find((each) => each.includes('"path":"/logged"')) ?? '';
    expect(JSON.parse(line)).toMatchObject({ activationId: invocationId, method: 'GET', status: 200 });
    expect(line).not.toContain('hush');
  });
});

describe('settings', () => {
  test('name the prefix, the bindings and the method of the clients', async () => {
    const other = await startCustomHandler(row, {
      MODELWHISK_AZURE_ROUTE_PREFIX: 'v1/models',
      MODELWHISK_AZURE_HTTP_OUTPUT: '$return',
      MODELWHISK_AZURE_SIGNALR_OUTPUT: 'hub',
      MODELWHISK_AZURE_SIGNALR_TARGET: 'classified',
      MODELWHISK_LOG: 'off',
    });
    try {
      const forwarded = await other.send({ ...none, method: 'GET', path: '/v1/models/status/200' });
      expect(Buffer.from(forwarded.body).toString()).toBe('said so');
      const invoked = await other.invoke('predict', request('GET', '/status/200'));
      expect(invoked.json).toMatchObject({ Outputs: {}, ReturnValue: { statusCode: 200 } });
      const { json } = await other.invoke('classify', queueMessage('data:,x'));
      expect(json['Outputs']).toMatchObject({ hub: { target: 'classified' } });
      expect(other.output().stdout).toBe('');
    } finally {
      await other.stop();
    }
  });

  test('with an empty prefix the host’s request decides between requests and functions', async () => {
    const other = await startCustomHandler(row, { MODELWHISK_AZURE_ROUTE_PREFIX: '' });
    const json = [['Content-Type', 'application/json; charset=utf-8']] as const;
    const payload = Buffer.from('{"Data":{"image":1},"Metadata":{}}');
    const sent = (changes: Partial<Parameters<typeof other.send>[0]>) =>
      other.send({ ...none, method: 'POST', path: '/other', ...changes });
    const seenBy = async (changes: Partial<Parameters<typeof other.send>[0]>) =>
      seen(Buffer.from((await sent(changes)).body).toString());
    try {
      expect((await fetch(`http://127.0.0.1:${other.port}/`, { headers: { 'user-agent': 'x' } })).status).toBe(200);
      expect((await seenBy({ method: 'GET', path: '/a/b' })).url).toBe('/a/b');
      expect((await seenBy({ method: 'GET', path: '/' })).url).toBe('/');
      expect((await seenBy({ headers: json, body: Buffer.from('{"a":1}') })).body).toBe('eyJhIjoxfQ==');
      expect((await seenBy({ body: payload })).url).toBe('/other');
      const { status, json: answered } = await other.invoke('classify', queueMessage('data:,x'));
      expect([status, answered]).toMatchObject([200, { Outputs: { signalRMessages: { target: 'newResult' } } }]);
      const foreign = await sendHttp(other.port, {
        ...none, method: 'POST', path: '/other', headers: json, body: payload,
      }, 'localhost'); // prettier-ignore
      expect(seen(foreign.body.toString()).url).toBe('/other');
    } finally {
      await other.stop();
    }
  });

  test('an empty prefix leaves the question of the host to the adapter', async () => {
    const other = await startCustomHandler(row, { MODELWHISK_AZURE_ROUTE_PREFIX: '' });
    try {
      const reply = await sendHttp(other.port, { ...none, method: 'GET', path: '/' });
      expect([reply.status, reply.body.toString()]).toEqual([200, '{}']);
    } finally {
      await other.stop();
    }
  });

  test.each([
    ['MODELWHISK_AZURE_ROUTE_PREFIX', 'api/'],
    ['MODELWHISK_AZURE_ROUTE_PREFIX', '/api'],
    ['MODELWHISK_AZURE_HTTP_OUTPUT', 'not a name'],
    ['MODELWHISK_AZURE_TIMEOUT', '5s'],
    ['FUNCTIONS_CUSTOMHANDLER_PORT', 'auto'],
  ])('%s=%j stops the start with one line that names it', async (name, value) => {
    await expect(startCustomHandler(row, { [name]: value })).rejects.toThrow(
      `modelwhisk: ${name} is "${value}"; expected`,
    );
  });
});

describe('the process', () => {
  test('ends with the reason if the model server does not start, so that the host shows it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-'));
    await writeFile(join(folder, 'app.mjs'), 'throw new Error("weights.h5 is truncated");');
    const broken = { ...row, server: { ...row.server, module: join(folder, 'app.mjs') } };
    await expect(startCustomHandler(broken)).rejects.toThrow('weights.h5 is truncated');
  });

  test('drains on SIGTERM: the call in progress is answered, then it exits with 0', async () => {
    const draining = await startCustomHandler(row, { MODELWHISK_AZURE_TIMEOUT: '1000' });
    const running = draining.invoke('predict', request('GET', '/hang'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const exited = draining.stop();
    expect(await running).toMatchObject({ json: { Outputs: { res: { statusCode: 504 } } } });
    expect(await exited).toBe(0);
  });
});
