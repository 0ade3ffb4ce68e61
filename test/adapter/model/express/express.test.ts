import { join } from 'node:path';
import express, { type ErrorRequestHandler } from 'express';
import { describe, expect, test } from 'vitest';
import type { Header } from '../../../../adapter/http/message.ts';
import { expectSameOutcome, sent, sentJson, type MakeApp } from './outcome.ts';

const sample = join(import.meta.dirname, '../../../../examples/digits/samples/0.png');
const folder = join(import.meta.dirname, '../../../../examples/digits');

/** Leaves the frames out of Express's error page, because V8 describes the same frame in more than one way. */
const withoutFrames: ErrorRequestHandler = (error: Error, _request, _response, next) => {
  error.stack = String(error);
  next(error);
};

describe('Express works in process as behind a port', () => {
  test('with its facts about the caller, behind a trusted proxy and without one', async () => {
    const app =
      (trust: boolean): MakeApp =>
      () =>
        express()
          .set('trust proxy', trust)
          .use((request, response) => {
            const { protocol, secure, ip, ips, hostname, path, query, originalUrl, xhr, subdomains } = request;
            response.json({ protocol, secure, ip, ips, hostname, path, query, originalUrl, xhr, subdomains });
          });
    const forwarded: Header[] = [['X-Forwarded-For', '203.0.113.7, 10.0.0.1'], ['X-Forwarded-Proto', 'https'], ['X-Forwarded-Host', 'shop.example.org']]; // prettier-ignore
    const request = (): ReturnType<typeof sent> => sent({ path: '/a/b', query: 'x[y]=1', headers: forwarded });
    expect(JSON.parse((await expectSameOutcome(app(false), request)).body)).toMatchObject({
      ip: '127.0.0.1',
      secure: false,
    });
    expect(JSON.parse((await expectSameOutcome(app(true), request)).body)).toMatchObject({
      ip: '203.0.113.7',
      secure: true,
    });
  });

  const conditions: Readonly<Record<string, readonly Header[]>> = {
    whole: [],
    'the first bytes': [['Range', 'bytes=0-9']],
    'the last bytes': [['Range', 'bytes=-5']],
    'bytes that are not there': [['Range', 'bytes=900000-']],
    'several ranges': [['Range', 'bytes=0-1,5-6']],
    'what has not changed': [['If-None-Match', '*']],
    'what must not have changed': [['If-Unmodified-Since', 'Mon, 01 Jan 2001 00:00:00 GMT']],
  };
  test.each(Object.entries(conditions))('sending a file: %s', async (_what, headers) => {
    const app: MakeApp = () => express().get('/', (_request, response) => response.sendFile(sample)).use(withoutFrames); // prettier-ignore
    const outcome = await expectSameOutcome(app, () => sent({ headers }));
    expect([200, 206, 304, 412, 416]).toContain(outcome.status);
    await expectSameOutcome(app, () => sent({ method: 'HEAD', headers }));
  });

  test.each(['/samples/1.png', '/samples', '/none', '/../package.json', '/%00'])(
    'serving a folder: %s',
    async (path) => {
      await expectSameOutcome(() => express().use(express.static(folder)), () => sent({ path })); // prettier-ignore
    },
  );

  test('with downloads, redirects, formats, links and JSONP', async () => {
    const app: MakeApp = () =>
      express()
        .get('/download', (_request, response) => response.download(sample, 'zéro.png'))
        .get('/redirect', (_request, response) => response.redirect(303, '/elsewhere?a=b'))
        .get('/format', (_request, response) =>
          response.format({ text: () => response.send('text'), json: () => response.json({ a: 1 }) }),
        )
        .get('/jsonp', (_request, response) => response.links({ next: '/2' }).jsonp({ a: '<b>' }))
        .get('/cookie', (_request, response) => response.cookie('a', 'b c', { httpOnly: true }).clearCookie('d').sendStatus(201))
        .get('/buffer', (_request, response) => response.send(Buffer.from([0, 255])))
        .get('/text', (_request, response) => response.type('txt').send('grüße'.repeat(400))); // prettier-ignore
    for (const path of ['/download', '/redirect', '/format', '/cookie', '/buffer', '/text']) {
      await expectSameOutcome(app, () => sent({ path, headers: [['Accept', 'application/json']] }));
    }
    await expectSameOutcome(app, () => sent({ path: '/jsonp', query: 'callback=f' }));
    const { headers } = await expectSameOutcome(app, () => sent({ path: '/text' }));
    const etag = headers.find(([name]) => name === 'etag')?.[1] ?? '';
    expect((await expectSameOutcome(app, () => sent({ path: '/text', headers: [['If-None-Match', etag]] }))).status).toBe(304); // prettier-ignore
  });

  test('with errors that are thrown, rejected and handed on', async () => {
    const answer: ErrorRequestHandler = (error: Error, _request, response, next) => {
      if (response.headersSent) next(error);
      else response.status(500).json({ message: error.message });
    };
    const app: MakeApp = () =>
      express()
        .get('/thrown', () => {
          throw new Error('thrown');
        })
        .get('/rejected', () => Promise.reject(new Error('rejected')))
        .get('/late', (_request, response, next) => {
          response.write('begun');
          setTimeout(() => next(new Error('late')), 5);
        })
        .set('env', 'test')
        .use(answer);
    for (const path of ['/thrown', '/rejected', '/late', '/not-found'])
      await expectSameOutcome(app, () => sent({ path }));
  });

  test.each([
    ['JSON', express.json({ limit: 100 }), sentJson({ a: [1, 'ü'] })],
    ['JSON over its limit', express.json({ limit: 10 }), sentJson({ a: 'far too long' })],
    [
      'what is no JSON',
      express.json(),
      sent({ method: 'POST', headers: [['Content-Type', 'application/json']], body: Buffer.from('{') }),
    ],
    [
      'a form',
      express.urlencoded({ extended: true }),
      sent({
        method: 'POST',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: Buffer.from('a=1&b[c]=%C3%BC'),
      }),
    ],
    [
      'text of another charset',
      express.text(),
      sent({
        method: 'POST',
        headers: [['Content-Type', 'text/plain; charset=iso-8859-1']],
        body: Buffer.from('\xfc', 'latin1'),
      }),
    ],
    ['bytes', express.raw({ type: () => true }), sent({ method: 'PATCH', body: Buffer.from([0, 1, 255]) })],
    ['no body', express.json(), sent({ method: 'POST' })],
    ['a body of GET', express.json(), sentJson({ a: 1 }, { method: 'GET' })],
  ] as const)('reading %s', async (_what, parser, request) => {
    const app: MakeApp = () => express().set('env', 'test').use(parser, (incoming, response) => { response.json({ body: incoming.body as unknown }); }).use(withoutFrames); // prettier-ignore
    await expectSameOutcome(app, () => request);
  });
});
