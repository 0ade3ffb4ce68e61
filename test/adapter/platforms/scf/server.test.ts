import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Header } from '../../../../adapter/http/message.ts';
import { png } from '../../../contract/bodies.ts';
import type { ClientReply, ClientRequest } from '../../../contract/platform-client.ts';
import { spawnAdapter } from '../../adapter-process.ts';
import { sendHttp } from '../../http-client.ts';
import { credentials, startScfHost, type ScfHost } from './host.ts';
import { type Echo, echoServer } from '../../echo-server.ts';

const row = {
  name: 'echo',
  title: 'Echo',
  image: 'me/echo',
  server: echoServer,
  predict: {
    path: '/model/predict',
    input: { kind: 'file', field: 'image', filename: 'image.png', contentType: 'image/png' },
    parameters: [{ name: 'threshold' }],
  },
};

let host: ScfHost;
beforeAll(async () => {
  host = await startScfHost(row);
});
afterAll(() => host.close());

function get(path: string, change: Partial<ClientRequest> = {}): ClientRequest {
  return { method: 'GET', path, query: '', headers: [], body: Buffer.alloc(0), timeLimit: 30_000, ...change };
}

/** Through API Gateway without base64. */
function postText(type: string, body: Uint8Array): Promise<ClientReply> {
  return host.trigger('text gateway', get('/seen', { method: 'POST', headers: [['Content-Type', type]], body }));
}

function echoOf(body: Uint8Array): Echo {
  return JSON.parse(Buffer.from(body).toString()) as Echo;
}

describe("the role's credentials", () => {
  const forged: Header[] = [['X-Scf-Secret-Key', 'forged'], ['x-scf-something-new', 'forged']]; // prettier-ignore

  test.each([
    ['a web function', () => host.web(get('/seen'))],
    ['an HTTP event', () => host.trigger('gateway', get('/seen', { headers: forged }))],
    ['a direct event', () => host.invoke({ image_base64: png.toString('base64') })],
  ])('%s: the model server sees the call, and not them', async (_title, send) => {
    const { headers } = echoOf((await send()).body);
    const text = headers.join(' ').toLowerCase();
    expect(text).toContain('x-scf-request-id 3b21a413-6e6a-11ee-b2ba-52540008c7f7');
    for (const secret of [...Object.values(credentials), 'x-scf-secret', 'x-scf-session', 'forged']) {
      expect(text).not.toContain(secret);
    }
  });

  test('nor does any log, which has the request id', async () => {
    await host.web(get('/hang-up'));
    await host.invoke({ image_url: 'https://127.0.0.1/x.png' });
    const log = host.adapter.output().stdout + host.adapter.output().stderr;
    expect(log).toContain('"activationId":"3b21a413-6e6a-11ee-b2ba-52540008c7f7","method":"GET","path":"/hang-up"');
    for (const secret of Object.values(credentials)) expect(log).not.toContain(secret);
  });
});

describe('a web function', () => {
  test('a reply whose headers take more than 4 KB is an error that says so', async () => {
    const query = new URLSearchParams([['header', `x-large=${'a'.repeat(5000)}`]]).toString();
    const reply = await host.web(get('/mirror', { query }));
    const text = Buffer.from(reply.body).toString();
    expect([reply.status, text]).toEqual([502, expect.stringMatching(/take \d+ bytes.*limit of 4096/) as string]);
    expect(text).toContain('RESULT_HEADERS_TOO_LARGE');
  });

  test.each([
    ['GET', '/event-invoke'],
    ['POST', '/event-invoke/more'],
    ['POST', '/other/event-invoke'],
  ])('%s %s is a path of the model server', async (method, path) => {
    expect(echoOf((await host.web(get(path, { method }))).body)).toMatchObject({ method, url: path });
  });

  test.each<[string, (request: ClientRequest) => Promise<ClientReply>]>([
    ['without an id of SCF', (request) => sendHttp(host.port, request)],
    [
      'through a proxy',
      (request) => host.web({ ...request, headers: [...request.headers, ['X-Forwarded-For', '1.2.3.4']] }),
    ],
    [
      'by a page',
      (request) => host.web({ ...request, headers: [...request.headers, ['Origin', 'https://a.example']] }),
    ],
  ])('POST /event-invoke %s is a request like any other', async (_title, send) => {
    const headers: Header[] = [['Content-Type', 'application/json']];
    const request = get('/event-invoke', { method: 'POST', headers, body: Buffer.from('{"image_base64":"iVA="}') });
    expect(echoOf((await send(request)).body)).toMatchObject({ method: 'POST', url: '/event-invoke' });
  });

  test('the setting decides whether POST /event-invoke is an event', async () => {
    const web = await startScfHost(row, { MODELWHISK_SCF_FUNCTION: 'web' });
    try {
      const request = get('/event-invoke', { method: 'POST', body: Buffer.from('{}') });
      expect(echoOf((await web.web(request)).body)).toMatchObject({ url: '/event-invoke' });
    } finally {
      await web.close();
    }
  });

  test('JSON that names a file becomes a form on the predict route', async () => {
    const body = Buffer.from(JSON.stringify({ image_base64: png.toString('base64'), image_url: '' }));
    const headers: Header[] = [['Content-Type', 'application/json']];
    const echo = echoOf((await host.web(get('/model/predict', { method: 'POST', headers, body }))).body);
    expect(Buffer.from(echo.body, 'base64').includes(png)).toBe(true);
  });
});

describe('an event function', () => {
  test('a direct event is a call of the predict route with its parameters', async () => {
    const { status, json } = await host.invoke({ image_base64: png.toString('base64'), threshold: 0.5 });
    expect([status, json]).toEqual([
      200,
      expect.objectContaining({ method: 'POST', url: '/model/predict?threshold=0.5' }),
    ]);
  });

  test('a direct event reaches the model server with every digit of its numbers', async () => {
    const headers: Header[] = [['Content-Type', 'application/json']];
    const body = Buffer.from('{"image_base64": "iVA=", "threshold": [1.0, 12345678901234567890], "n": 1e400}');
    const echo = echoOf((await host.web(get('/event-invoke', { method: 'POST', headers, body }))).body);
    expect(echo.url).toBe('/model/predict?threshold=1.0&threshold=12345678901234567890');
    expect(Buffer.from(echo.body, 'base64').toString('latin1')).toContain('name="n"\r\n\r\n1e400\r\n');
  });

  test.each([
    ['an event that names no file', {}, 400, 'the input file is missing'],
    [
      'a timer',
      { Type: 'Timer', TriggerName: 'daily', Time: '2026-11-21T00:00:00Z', Message: '' },
      400,
      'the event of a timer has no input for the model',
    ],
    ['an event that is not an object', [1], 400, 'the event is [1]; expected an object'],
    ['a URL that may not be fetched', { image_url: 'http://127.0.0.1/a.png' }, 403, 'has no public address'],
  ])('%s fails with %i', async (_title, event, code, message) => {
    const { status, json } = await host.invoke(event);
    expect([status, json]).toEqual([
      code,
      {
        error: expect.objectContaining({
          statusCode: code,
          message: expect.stringContaining(message) as string,
        }) as object,
      },
    ]);
  });

  test('a body that is not JSON fails with 400', async () => {
    const headers: Header[] = [['Content-Type', 'application/json']];
    const reply = await host.web(get('/event-invoke', { method: 'POST', headers, body: Buffer.from('{') }));
    expect([reply.status, Buffer.from(reply.body).toString()]).toEqual([
      400,
      expect.stringContaining('the event is not JSON'),
    ]);
  });

  test('an HTTP event that is not as its trigger sends it fails with 400', async () => {
    const { status, json } = await host.invoke({ httpMethod: 'GET', path: '/', headers: [] });
    expect([status, json]).toEqual([
      400,
      expect.objectContaining({
        code: 'EVENT',
        message: expect.stringMatching(/HTTP event is malformed at headers/) as string,
      }),
    ]);
  });

  test.each([
    ['a method', { httpMethod: 'G T', path: '/' }],
    ['a path', { httpMethod: 'GET', path: 'x' }],
    ['a header', { httpMethod: 'GET', path: '/', headers: { 'x y': '' } }],
  ])('%s that is invalid in HTTP is a 400 for its caller', async (_title, event) => {
    const { status, json } = await host.invoke(event);
    expect([status, json]).toEqual([200, expect.objectContaining({ statusCode: 400 })]);
  });

  test('API Gateway without base64: an image is refused instead of damaged, text arrives', async () => {
    expect((await postText('image/png', png)).status).toBe(400);
    const text = Buffer.from('naïve \uFFFD');
    const echo = echoOf((await postText('text/plain; charset=utf-8', text)).body);
    expect(Buffer.from(echo.body, 'base64').toString()).toBe('naïve \uFFFD');
  });

  test('a result over 6 MB is a 413 that names both sizes', async () => {
    const query = 'type=text/plain&bytes=7000000';
    const reply = await host.trigger('gateway', get('/large', { query }));
    expect([reply.status, Buffer.from(reply.body).toString()]).toEqual([
      413,
      expect.stringMatching(/\d+ bytes as an SCF result, over the platform's limit of 6291456/) as string,
    ]);
  });
});

describe('start', () => {
  test('a model server that does not start ends the process with 1', async () => {
    const server = { ...row.server, module: '/nonexistent/app.js' };
    const failing = await spawnAdapter({ ...row, server }, { TENCENTCLOUD_RUNENV: 'SCF', MODELWHISK_PORT: '0' });
    expect(await failing.exited).toBe(1);
    expect(failing.output().stderr).toContain('/nonexistent/app.js');
  });
});
