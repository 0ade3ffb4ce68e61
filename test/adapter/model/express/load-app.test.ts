import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operatorMessage } from '../../../../adapter/errors.ts';
import { createExpressModelServer } from '../../../../adapter/model/express.ts';
import { requestOf } from '../../../contract/suite.ts';
import { forThisTest } from '../../adapter-process.ts';
import { startOnPort } from '../../platforms/http/start.ts';
import { wholeReply } from '../../../support/whole-reply.ts';

let folder: string;
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'modelwhisk-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** The path of a framework, for a module in another folder. */
const use = (framework: string): string => JSON.stringify(import.meta.resolve(framework));
const listener = `(request, response) => response.end(request.method + ' ' + request.url)`;

/** The reply of the app in a module. */
async function answerOf(source: string, name = 'app', extension = 'mjs'): Promise<string> {
  const model = createExpressModelServer({ module: await moduleOf(source, extension), export: name });
  try {
    const { body } = await wholeReply(model, requestOf({ method: 'GET', path: '/predict' }));
    return body.toString();
  } finally {
    await model.close();
  }
}

async function moduleOf(source: string, extension: string): Promise<string> {
  const module = join(folder, `${(count += 1)}.${extension}`);
  await writeFile(module, source);
  return module;
}

describe('an app is anything that handles requests', () => {
  const express = `import express from ${use('express')}; const made = express(); made.get('/predict', (_, r) => r.send('GET /predict'));`;
  const server = `import { createServer } from 'node:http'; const made = createServer(${listener});`;
  test.each<[string, string, string?]>([
    ['an Express app', `${express} export const app = made;`],
    ['the default export of an Express app', `${express} export default made;`, 'default'],
    ['the default export, under the name that rows have', `${express} export default made;`],
    ['a promise of an Express app', `${express} export const app = Promise.resolve(made);`],
    ['a function that makes an Express app', `${express} export const app = () => made;`],
    [
      'a function that makes one in a while',
      `${express} export async function createApp() { return made; }`,
      'createApp',
    ],
    [
      'a function of settings that makes one',
      `${express} export const createApp = (options = {}) => made;`,
      'createApp',
    ],
    ['a plain listener', `export const app = ${listener};`],
    ["node:http's server", `${server} export const app = made;`],
    ["a function that makes node:http's server", `${server} export const app = () => made;`],
    [
      'an app of Koa',
      `import Koa from ${use('koa')}; export const app = new Koa(); app.use((c) => { c.body = c.method + ' ' + c.url; });`,
    ],
    [
      'an app of Fastify, not yet ready',
      `import Fastify from ${use('fastify')}; export const app = Fastify(); app.get('/predict', async (q) => q.method + ' ' + q.url);`,
    ],
    [
      'an app of Fastify, whose server has settings',
      `import Fastify from ${use('fastify')}; export const app = Fastify({ connectionTimeout: 1234 });
        app.get('/predict', async (q) => (q.socket.timeout === 1234 ? q.method + ' ' + q.url : q.socket.timeout));`,
    ],
    ['an app with a handler, as those of Polka', `export const app = { use() {}, handler: ${listener} };`],
    [
      'a server that hapi or Restify has inside',
      `${server} export const app = { initialize: async () => {}, listener: made };`,
    ],
    [
      'a server that hapi has inside and has started',
      `${server} export const app = { initialize: async () => { throw new Error('Cannot initialize server while it is in started phase'); }, listener: made };`,
    ],
  ])('%s', async (_title, source, name) => {
    expect(await answerOf(source, name)).toBe('GET /predict');
  });

  test.each<[string, string, string?]>([
    ['module.exports = app', `module.exports = ${listener};`],
    ['module.exports = app, asked for as the default', `module.exports = ${listener};`, 'default'],
    ['module.exports = { app }', `module.exports = { app: ${listener} };`],
    ['exports.app = app', `exports.app = ${listener};`],
    ['what a compiler makes of export default', `exports.__esModule = true; exports.default = ${listener};`, 'default'],
    ['module.exports = () => app', `module.exports = () => ${listener};`],
    ["module.exports = node:http's server", `module.exports = require('http').createServer(${listener});`],
  ])('of a CommonJS module: %s', async (_title, source, name) => {
    expect(await answerOf(source, name, 'cjs')).toBe('GET /predict');
  });
});

describe('an app that listens', () => {
  const listens = (port: number | string) => `
    import { createServer } from 'node:http';
    let heard;
    const app = createServer((request, response) => response.end(request.url + ' heard ' + heard));
    app.listen(${port}, '127.0.0.1', () => (heard = app.address().port));`;

  test('and exports nothing is called without its port, which stays free', async () => {
    expect(await answerOf(listens(1))).toBe('/predict heard 1');
  });

  test('and exports nothing may do so once its model is loaded', async () => {
    const source = `import { createServer } from 'node:http';
      setTimeout(() => createServer(${listener}).listen(1), 50);`;
    expect(await answerOf(source)).toBe('GET /predict');
  });

  test.each([
    [
      'a function that returns nothing',
      `export async function app() { await null; createServer(${listener}).listen(1); }`,
    ],
    [
      'an object of another kind',
      `export const app = { getHttpServer: () => createServer(${listener}).listen(1) }; app.getHttpServer();`,
    ],
  ])('and exports %s is the server', async (_what, source) => {
    expect(await answerOf(`import { createServer } from 'node:http'; ${source}`)).toBe('GET /predict');
  });

  test('and exports an app is the one that it exports', async () => {
    expect(await answerOf(`${listens(1)} export { app };`)).toBe('/predict heard 1');
  });

  test.each([
    ['an app', `app = (request, response) => response.end('app ' + heard);`],
    ['a server', `app = createServer((request, response) => response.end('app ' + heard));`],
    ['an app of Koa', `app = new Koa(); app.use((context) => (context.body = 'app ' + heard)); app.silent = true;`],
  ])('only after it has exported %s opens no port, which may be the adapter’s', async (_what, app) => {
    const adapter = createServer().listen(0, '127.0.0.1');
    await once(adapter, 'listening');
    const { port } = adapter.address() as AddressInfo;
    const source = `import { createServer } from 'node:http';
      import Koa from ${use('koa')};
      let heard;
      export const ${app}
      setTimeout(() => {
        const server = typeof app === 'function' ? createServer(app) : app;
        const opened = server.on('error', () => {}).listen(${port}, '127.0.0.1', () => (heard = opened.address().port));
        opened.on('error', () => {});
      }, 20);`;
    const model = createExpressModelServer({ module: await moduleOf(source, 'mjs'), export: 'app' });
    const answer = async (): Promise<string> => {
      const { body } = await wholeReply(model, requestOf({ method: 'GET', path: '/predict' }));
      return body.toString();
    };
    await expect.poll(answer).toBe(`app ${port}`);
    await model.close();
    adapter.close();
  });

  test('beside another server, which is not the app, after it has exported the app: that one opens its port', async () => {
    const source = `import { createServer } from 'node:http';
      let port;
      export const app = (request, response) => response.end(String(port));
      setTimeout(() => {
        const other = createServer(${listener}).listen(0, '127.0.0.1', () => (port = other.address().port)).unref();
      }, 20);`;
    const model = createExpressModelServer({ module: await moduleOf(source, 'mjs'), export: 'app' });
    let port = '';
    await expect
      .poll(async () => {
        const { body } = await wholeReply(model, requestOf({ method: 'GET', path: '/predict' }));
        return (port = body.toString());
      })
      .toMatch(/^\d+$/);
    expect(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).toBe('GET /metrics');
    await model.close();
  });

  test('and exports the app is called through its server, whose settings hold', async () => {
    const source = `import { createServer } from 'node:http';
      let mark;
      export const app = (request, response) => response.end(request.socket.server.mark + ' of ' + request.socket.mark);
      const server = createServer(app).listen({ port: 1, host: '127.0.0.1' });
      server.mark = JSON.stringify(server.address());
      server.on('connection', (socket) => (socket.mark = 'a connection'));`;
    expect(await answerOf(source)).toBe('{"address":"127.0.0.1","family":"IPv4","port":1} of a connection');
  });

  test.each([
    ['', ''],
    [', made by a compiler', `Object.defineProperty(exports, '__esModule', { value: true });`],
  ])('of a CommonJS module%s may do so once its model is loaded', async (_what, start) => {
    const source = `${start} setTimeout(() => require('node:http').createServer(${listener}).listen(1), 50);`;
    // In a process of its own, because Vitest imports CommonJS modules in another way than Node.js.
    const { port } = await forThisTest(
      startOnPort({
        name: 'listens',
        title: 'Listens',
        image: 'me/listens',
        server: { kind: 'express', module: await moduleOf(source, 'cjs') },
        predict: { path: '/predict', input: { kind: 'json' } },
      }),
    );
    const reply = await fetch(`http://127.0.0.1:${port}/predict`, { headers: { connection: 'close' } });
    expect(await reply.text()).toBe('GET /predict');
  });

  test('of a CommonJS module listens likewise', async () => {
    const source = `require('node:http').createServer(${listener}).listen(process.env.PORT || 3000);`;
    expect(await answerOf(source, 'app', 'cjs')).toBe('GET /predict');
  });
});

describe('a value that is not an app is refused with an explanation', () => {
  test.each<[string, string, RegExp]>([
    [
      'an object',
      'export const app = { listen: true };',
      /exports something else than an app as "app": expected a function/,
    ],
    ['a number', 'export const app = 7;', /exports something else than an app as "app"/],
    ['a factory of nothing', 'export const app = () => undefined;', /exports something else than an app as "app"/],
    [
      'a factory that needs more',
      'export const app = (options) => options.model.app;',
      /Cannot read properties of undefined/,
    ],
    ['a class', 'export class app {}', /Class constructor app cannot be invoked/],
    ['another name', 'export const server = 1;', /exports no app named "app" \(it exports server\), and none listens/],
    [
      'an app of Hono, which answers fetch requests',
      `import { Hono } from ${use('hono')}; export const app = new Hono();`,
      /it answers fetch requests\. Export what getRequestListener of @hono\/node-server makes of it/,
    ],
  ])('%s', async (_title, source, message) => {
    const model = createExpressModelServer({ module: await moduleOf(source, 'mjs'), export: 'app' });
    expect(operatorMessage(await model.ready().catch((error: unknown) => error))).toMatch(message);
    await model.close();
  });
});
