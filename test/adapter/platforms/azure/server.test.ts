import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CustomHandler, invocationId, type Payload, startCustomHandler } from './custom-handler.ts';
import { triggerPayload } from './http-trigger.ts';

const row = {
  name: 'echo',
  title: 'Echo',
  image: 'me/echo',
  server: { kind: 'express', module: join(import.meta.dirname, '../../echo-app.ts'), export: 'app' },
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

describe('the custom handler', () => {
  it('answers the ping of the host', async () => {
    expect(await handler.send({ ...none, method: 'GET', path: '/' })).toMatchObject({ status: 200 });
  });

  it.each([
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

  it('strips the route prefix whatever its case, and keeps the key of the function to itself', async () => {
    const headers = [
      ['X-Functions-Key', 'hush'],
      ['X-Own', '1'],
    ] as const;
    const { body } = await handler.send({ ...none, method: 'GET', path: '/API/seen', query: 'a=1', headers });
    const seen = JSON.parse(Buffer.from(body).toString()) as { url: string; headers: string[] };
    expect(seen.url).toBe('/seen?a=1');
    expect(seen.headers).toEqual(
      expect.arrayContaining(['X-Own', '1', 'X-Azure-Functions-InvocationId', invocationId]),
    );
    expect(JSON.stringify(seen)).not.toContain('hush');
  });

  it('answers a negotiation with the connection as it is', async () => {
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

  it("puts an HTTP request's failure into statusCode, so that its reason reaches the client", async () => {
    const { status, json } = await handler.invoke('predict', request('GET', '/hang'));
    expect([status, json]).toMatchObject([200, { Outputs: { res: { statusCode: 504 } } }]);
  });

  it('tells the model server the id of the invocation', async () => {
    const { json } = await handler.invoke('predict', request('GET', '/seen'));
    expect(JSON.stringify(json)).toContain(invocationId);
  });

  it('sends the bytes of a header on, which the host has read as UTF-8', async () => {
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

  it('takes a file by reference in the JSON of an HTTP request', async () => {
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

  it.each([
    ['a message', queueMessage('data:image/png;base64,iVA=')],
    ['a blob', { Data: { image: 'iVA=' }, Metadata: { Uri: '"https://store/7.png"', Properties: {} } }],
  ])('makes the form of %s and answers with the result twice: for SignalR and as it is', async (_title, payload) => {
    const { status, json } = await handler.invoke('classify', payload);
    const result = json['ReturnValue'] as { body: string };
    expect(Buffer.from(result.body, 'base64').toString('latin1')).toMatch(/name="image".*\r\n\r\n\x89P\r\n/s);
    expect(status).toBe(200);
    expect(json['Outputs']).toMatchObject({
      signalRMessages: { target: 'newResult', arguments: [{ body: result.body, predictedTagName: null }] },
    });
  });

  it.each([
    ['an image that may not be fetched', queueMessage('http://127.0.0.1:9/7.png'), 403, /has no public address/],
    ['a message without an image', queueMessage('{"name":"x"}'), 400, /the input file is missing/],
    ['a blob read as text', { Data: { image: '"PNG"' }, Metadata: { Uri: '""', Properties: {} } }, 415, /read as text/],
    ['a body that is no invocation', 'hello', 400, /is not JSON/],
  ])('fails for %s, and says why in its log', async (_title, payload, wanted, reason) => {
    const { status, json } = await handler.invoke('classify', payload);
    expect([status, json]).toMatchObject([wanted, { error: { message: expect.stringMatching(reason) as string } }]);
    await expect.poll(() => handler.output().stderr).toMatch(/modelwhisk: function classify failed: \{"error":/);
  });

  it('logs one line for each invocation, under its id', async () => {
    await handler.invoke('predict', request('GET', '/logged', 'token=hush'));
    const lines = (): string[] => handler.output().stdout.split('\n');
    await expect.poll(lines).toContainEqual(expect.stringContaining('"path":"/logged"'));
    const line = lines().find((each) => each.includes('"path":"/logged"')) ?? '';
    expect(JSON.parse(line)).toMatchObject({ activationId: invocationId, method: 'GET', status: 200 });
    expect(line).not.toContain('hush');
  });
});

describe('settings', () => {
  it('name the prefix, the bindings and the method of the clients', async () => {
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

  it.each([
    ['MODELWHISK_AZURE_ROUTE_PREFIX', ''],
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
  it('ends with the reason where the model server does not start, so that the host shows it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-'));
    await writeFile(join(folder, 'app.mjs'), 'throw new Error("weights.h5 is truncated");');
    const broken = { ...row, server: { ...row.server, module: join(folder, 'app.mjs') } };
    await expect(startCustomHandler(broken)).rejects.toThrow('weights.h5 is truncated');
  });

  it('drains on SIGTERM: the call in progress is answered, then it exits with 0', async () => {
    const draining = await startCustomHandler(row, { MODELWHISK_AZURE_TIMEOUT: '1000' });
    const running = draining.invoke('predict', request('GET', '/hang'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const exited = draining.stop();
    expect(await running).toMatchObject({ json: { Outputs: { res: { statusCode: 504 } } } });
    expect(await exited).toBe(0);
  });
});
