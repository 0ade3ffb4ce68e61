import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Header, WholeRequest, WholeResponse } from '../../adapter/http/message.ts';
import type { ModelServer } from '../../adapter/model/model-server.ts';
import { wholeReply } from '../support/whole-reply.ts';
import { boundary, fiveMegabytes, gzipped, multipart, png, wav } from './bodies.ts';

/** One kind of ModelServer that answers like test/contract/servers/express-echo.ts. */
export interface ContractSubject {
  /** `log` receives the server's output. */
  readonly create: (log: (line: string) => void) => ModelServer | Promise<ModelServer>;
  /** Whether the server is a separate process, which can crash without the adapter. */
  readonly ownProcess: boolean;
}

/** What the model servers of these tests answer about a request. */
export interface Echo {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: readonly Header[];
  readonly length: number;
}

/** The contract of every kind of model server. */
export function testModelServerContract(name: string, subject: ContractSubject): void {
  describe(`${name} keeps the model server contract`, () => {
    let server: ModelServer;
    const lines: string[] = [];

    beforeAll(async () => {
      server = await subject.create((line) => lines.push(line));
      await server.ready();
    });
    afterAll(() => server.close());

    const call = (request: Partial<WholeRequest>): Promise<WholeResponse> => wholeReply(server, requestOf(request));
    const echo = async (request: Partial<WholeRequest>): Promise<Echo> => jsonOf(await call(request)) as Echo;
    const pid = async (): Promise<number> => (jsonOf(await call({ path: '/pid' })) as { pid: number }).pid;

    test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
      '%s reaches the server as that method',
      async (method) => {
        await expect(echo({ method, path: '/echo' })).resolves.toMatchObject({ method, path: '/echo', query: '' });
      },
    );

    test.each([
      ['/echo/a%2Fb%20c/%C3%A9;v=1/~x', ''],
      ['/echo/', 'a=1&a=2&empty=&flag&plus=a+b&percent=%20%3d'],
      ['/echo/x', "list[]=1&odd=(!'*),;:@$"],
      ['/echo//double/../dots', 'next=http://x/?y=%3Fz'],
    ])('path %s and query %s arrive unchanged', async (path, query) => {
      await expect(echo({ path, query })).resolves.toMatchObject({ path, query });
    });

    test('headers arrive unchanged, with repeated headers, cookies and Latin-1 bytes', async () => {
      const headers: Header[] = [
        ['Host', 'model.example'],
        ['Accept', 'image/png;q=0.5, */*'],
        ['X-Tag', 'one'],
        ['X-Tag', 'two, three'],
        ['Cookie', 'session=abc; theme="dark, blue"'],
        ['X-Name', 'Zo\u00eb'],
      ];
      const received = await echo({ path: '/echo', headers });
      for (const wanted of new Set(headers.map(([headerName]) => headerName.toLowerCase()))) {
        expect(valuesOf(received.headers, wanted)).toEqual(valuesOf(headers, wanted));
      }
    });

    test.each([
      ['text', 'text/plain; charset=utf-8', Buffer.from('naïve café 🙂\r\n')],
      ['JSON', 'application/json', Buffer.from('{ "big": 12345678901234567890, "b": [1.0, null] }')],
      ['an image', 'image/png', png],
      ['a WAV file', 'audio/wav', wav],
      ['multipart', `multipart/form-data; boundary=${boundary}`, multipart],
      ['bytes of no known type', 'application/x-modelwhisk', Buffer.from([0, 255, 254, 128, 10, 13, 0])],
      ['5 MB', 'application/octet-stream', fiveMegabytes],
    ])('%s passes in both directions byte for byte', async (_, contentType, body) => {
      const response = await call({ method: 'POST', path: '/mirror', headers: [['Content-Type', contentType]], body });
      expect(response.status).toBe(200);
      expect(header(response, 'content-type')).toEqual([contentType]);
      expect(Buffer.compare(response.body, body)).toBe(0);
    });

    test('an empty body stays empty, with its length stated', async () => {
      const received = await echo({ method: 'POST', path: '/echo', headers: [['Content-Type', 'application/json']] });
      expect(received.length).toBe(0);
      expect(received.headers).toContainEqual(['content-length', '0']);
      const response = await call({ method: 'POST', path: '/mirror', headers: [['Content-Type', 'image/png']] });
      expect(response).toMatchObject({ status: 200, body: Buffer.alloc(0) });
    });

    test.each([400, 404, 413, 422, 500, 503])('status %i and its body are a reply, not an error', async (status) => {
      const response = await call({ path: `/status/${status}` });
      expect(response.status).toBe(status);
      expect(jsonOf(response)).toEqual({ status });
    });

    test('repeated reply headers stay separate and Latin-1 bytes stay unchanged', async () => {
      const response = await call({ path: '/headers' });
      expect(header(response, 'set-cookie')).toEqual(['a=1; Path=/', 'b=2, c; HttpOnly']);
      expect(header(response, 'x-latin')).toEqual(['caf\u00e9']);
    });

    test('a redirect is passed on, not followed', async () => {
      const response = await call({ path: '/redirect' });
      expect(response).toMatchObject({ status: 302, body: Buffer.from('moved') });
      expect(header(response, 'location')).toEqual(['/echo?from=redirect']);
    });

    test('HEAD has the headers of GET and no body', async () => {
      const response = await call({ method: 'HEAD', path: '/status/200' });
      expect(response).toMatchObject({ status: 200, body: Buffer.alloc(0) });
      expect(header(response, 'content-type')).toEqual(['application/json']);
    });

    test.each([204, 304])('%i has its headers and no body', async (status) => {
      const response = await call({ path: `/bodiless/${status}` });
      expect(response).toMatchObject({ status, body: Buffer.alloc(0) });
      expect(header(response, 'etag')).toEqual(['"v1"']);
    });

    test('a compressed reply stays compressed', async () => {
      const response = await call({ path: '/gzip', headers: [['Accept-Encoding', 'gzip']] });
      expect(header(response, 'content-encoding')).toEqual(['gzip']);
      expect(Buffer.compare(response.body, gzipped)).toBe(0);
    });

    test('a reply that streams is collected to its end', async () => {
      const response = await call({ path: '/stream' });
      expect(response.body.toString()).toBe('{"n":1}\n{"n":2}\n{"n":3}\n');
    });

    test('20 calls at once get their own replies', async () => {
      const bodies = Array.from({ length: 20 }, (_, index) => Buffer.from(`call ${index}`));
      const responses = await Promise.all(bodies.map((body) => call({ method: 'POST', path: '/mirror', body })));
      expect(responses.map(({ body }) => body.toString())).toEqual(bodies.map(String));
    });

    test('a call ends with MODEL_TIMEOUT when its caller disconnects, and the next is answered', async () => {
      const signal = AbortSignal.timeout(200);
      await expect(call({ path: '/slow', signal })).rejects.toMatchObject({ code: 'MODEL_TIMEOUT' });
      await expect(call({ path: '/slow', signal })).rejects.toMatchObject({ code: 'MODEL_TIMEOUT' });
      await expect(call({ path: '/status/200' })).resolves.toMatchObject({ status: 200 });
    });

    if (!subject.ownProcess) return;
    describe('as a separate process', () => {
      test('a crash fails the call with MODEL_CRASHED and its last output; the next is answered by a new process', async () => {
        const before = await pid();
        await expect(call({ method: 'POST', path: '/crash' })).rejects.toMatchObject({
          code: 'MODEL_CRASHED',
          message: expect.stringMatching(/exited with code 3 during the call$/) as string,
          output: expect.stringContaining('about to crash') as string,
        });
        expect(await pid()).not.toBe(before);
      });

      test('kill -9 in the middle of a call fails that call with MODEL_CRASHED; the next is answered', async () => {
        const before = await pid();
        const begun = lines.length;
        const slow = call({ path: '/slow' }).catch((error: unknown) => error);
        await expect.poll(() => lines.slice(begun).join('\n')).toContain('slow call begun');
        // A call that has only just started would be sent again instead.
        const since = performance.now();
        await expect.poll(() => performance.now() - since).toBeGreaterThan(300);
        process.kill(before, 'SIGKILL');
        expect(await slow).toMatchObject({
          code: 'MODEL_CRASHED',
          message: expect.stringContaining('killed by SIGKILL') as string,
        });
        expect(await pid()).not.toBe(before);
      });
    });
  });
}

export function requestOf(request: Partial<WholeRequest>): WholeRequest {
  const signal = new AbortController().signal;
  const deadline = Date.now() + 30_000;
  return { method: 'GET', path: '/', query: '', headers: [], body: Buffer.alloc(0), signal, deadline, ...request };
}

function header({ headers }: WholeResponse, wanted: string): string[] {
  return valuesOf(headers, wanted);
}

function valuesOf(headers: readonly Header[], wanted: string): string[] {
  return headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);
}

function jsonOf({ body }: WholeResponse): unknown {
  return JSON.parse(body.toString());
}
