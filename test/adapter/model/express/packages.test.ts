import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import compression from 'compression';
import cookieParser from 'cookie-parser';
import cors from 'cors';
import express, { type ErrorRequestHandler } from 'express';
import session from 'express-session';
import helmet from 'helmet';
import { createProxyMiddleware } from 'http-proxy-middleware';
import morgan from 'morgan';
import multer from 'multer';
import onFinished from 'on-finished';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Header } from '../../../../adapter/http/message.ts';
import { expectSameOutcome, sent, sentJson, type MakeApp } from './outcome.ts';

describe('packages of Express apps work in process as behind a port:', () => {
  test('compression, flushed part by part', async () => {
    const app: MakeApp = () =>
      express()
        .use(compression({ threshold: 0 }))
        .get('/whole', (_request, response) => response.type('txt').send('x'.repeat(5000)))
        .get('/events', async (_request, response) => {
          response.type('text/event-stream');
          for (const part of ['one', 'two']) {
            response.write(`data: ${part}\n\n`);
            response.flush();
            await sleep(5);
          }
          response.end();
        });
    const decoders = { gzip: gunzipSync, br: brotliDecompressSync, identity: (bytes: Buffer) => bytes };
    for (const [encoding, decoder] of Object.entries(decoders)) {
      const headers: Header[] = [['Accept-Encoding', encoding]];
      const { body } = await expectSameOutcome(app, () => sent({ path: '/whole', headers }));
      expect(body.length < 1000).toBe(encoding !== 'identity');
      // The chunks depend on timing.
      await expectSameOutcome(app, () => sent({ path: '/events', headers }), {
        decode: (bytes) => decoder(bytes).toString(),
      });
    }
  });

  test('multer and its limits', async () => {
    const uploads = multer({ limits: { fileSize: 5000 } });
    const app: MakeApp = () =>
      express()
        .post('/', uploads.array('file'), (request, response) => {
          const files = (request.files as Express.Multer.File[]).map(({ originalname, size, buffer }) => [originalname, size, buffer.toString('latin1')]); // prettier-ignore
          // After the request is closed, because the order of the two events depends on the parts of the body.
          setImmediate(() => response.json({ files, fields: request.body as unknown }));
        })
        .use(((error: Error, _request, response, _next) => {
          setImmediate(() => response.status(413).send(error.message));
        }) satisfies ErrorRequestHandler);
    const form = (bytes: Buffer): ReturnType<typeof sent> => {
      const head = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n';
      const tail = '\r\n--x\r\nContent-Disposition: form-data; name="field"\r\n\r\nvalue\r\n--x--\r\n';
      const body = Buffer.concat([Buffer.from(head), bytes, Buffer.from(tail)]);
      return sent({ method: 'POST', headers: [['Content-Type', 'multipart/form-data; boundary=x']], body });
    };
    const all = Buffer.from(Array.from({ length: 4000 }, (_, index) => index % 256));
    expect((await expectSameOutcome(app, () => form(all))).body).toContain('["a.png",4000,');
    expect((await expectSameOutcome(app, () => form(Buffer.alloc(200_000)))).status).toBe(413);
  });

  test('morgan, helmet, cors, cookies and sessions', async () => {
    const app: MakeApp = (note) =>
      express()
        .use(morgan(':remote-addr :method :url HTTP/:http-version :status :res[content-length]', { stream: { write: note } }))
        .use(helmet(), cors({ origin: 'https://example.org', credentials: true }))
        .use(cookieParser('secret'))
        .use(session({ secret: 'secret', resave: false, saveUninitialized: true, genid: () => 'always-this' }))
        .use((request, response) => response.json({ cookies: request.cookies as unknown, session: request.session.id })); // prettier-ignore
    const headers: Header[] = [
      ['Origin', 'https://example.org'],
      ['Cookie', 'a=1; b=2'],
    ];
    const { notes } = await expectSameOutcome(app, () => sent({ headers }));
    expect(notes).toEqual(['127.0.0.1 GET / HTTP/1.1 200 53\n']);
    await expectSameOutcome(app, () => sent({ method: 'OPTIONS', headers: [...headers, ['Access-Control-Request-Method', 'PUT']] })); // prettier-ignore
  });

  test('on-finished, of request and response', async () => {
    const app: MakeApp = (note) => (request, response) => {
      note([onFinished.isFinished(request), onFinished.isFinished(response)]);
      onFinished(request, (error) => note(['request', error?.message]));
      onFinished(response, (error) => note(['response', error?.message, onFinished.isFinished(response)]));
      setTimeout(() => (request.url === '/destroy' ? request.destroy() : response.end('done')), 5);
    };
    expect((await expectSameOutcome(app)).notes).toContainEqual(['response', undefined, true]);
    await expectSameOutcome(app, () => sent({ path: '/destroy' }));
    await expectSameOutcome(app, () => sentJson({ a: 1 }));
  });

  test('the storage of an asynchronous context', async () => {
    const storage = new AsyncLocalStorage<string>();
    const app: MakeApp = (note) =>
      express()
        .use((request, _response, next) => storage.run(request.url, next))
        .use(express.json(), async (request, response) => {
          await sleep(2);
          request.socket.on('close', () => note('closed'));
          response.on('finish', () => note(['finish', storage.getStore()]));
          response.json(storage.getStore());
        });
    await expectSameOutcome(app, () => sentJson({ a: 1 }, { path: '/x' }));
  });

  test('packages that observe calls through Node.js', async () => {
    const seen: unknown[] = [];
    const see = (message: unknown, name: string | symbol): void =>
      void seen.push([name, Object.keys(message as object)]);
    const channels = ['http.server.request.start', 'http.server.response.finish'];
    for (const channel of channels) subscribe(channel, see);
    const app: MakeApp = (note) => (_request, response) => {
      response.on('close', () => note(seen.splice(0)));
      response.end();
    };
    const { notes } = await expectSameOutcome(app);
    for (const channel of channels) unsubscribe(channel, see);
    expect(notes).toEqual([channels.map((name) => [name, ['request', 'response', 'socket', 'server']])]);
  });
});

describe('a proxy works in process as behind a port:', () => {
  let target: Server;
  beforeAll(async () => {
    target = createServer((request, response) => {
      if (request.url === '/hang-up') request.socket.destroy();
      response.setHeader('x-for', String(request.headers['x-forwarded-for']));
      request.pipe(response);
    }).listen(0, '127.0.0.1');
    await once(target, 'listening');
  });
  afterAll(() => target.close());

  test.each(['/', '/hang-up'])('%s', async (path) => {
    const { port } = target.address() as AddressInfo;
    const app: MakeApp = () => express().use(createProxyMiddleware({ target: `http://127.0.0.1:${port}`, xfwd: true }));
    const { status } = await expectSameOutcome(app, () => sentJson({ a: 'b'.repeat(100_000) }, { path }));
    expect(status).toBe(path === '/' ? 200 : 504);
  });
});
