import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { statusOf, tryRoutes } from '../../cli/try-routes.ts';
import type { ModelRow } from '../../core/row.ts';

type Answer = (request: IncomingMessage, body: string) => number;

const json: ModelRow['predict'] = {
  method: 'POST',
  path: '/predict',
  input: { kind: 'json', fields: [] },
  parameters: [],
  output: 'application/json',
};
const max: ModelRow['predict'] = {
  ...json,
  path: '/model/predict',
  input: { kind: 'file', field: 'image', filename: 'i.jpg', contentType: 'image/jpeg', contentTypeEnforced: false },
};

async function withServer<Value>(answer: Answer, use: (url: string) => Promise<Value>): Promise<Value> {
  const server = createServer(async (request, response) => {
    const body = (await buffer(request)).toString('latin1');
    response.writeHead(answer(request, body)).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.close();
  }
}

/** A server with one route, which answers 400 if `takes` is false. */
function routeAt(path: string, takes: (type: string, body: string) => boolean): Answer {
  return ({ url, headers }, body) => (url !== path ? 404 : takes(headers['content-type'] ?? '', body) ? 200 : 400);
}

const takesJson = (type: string): boolean => type === 'application/json';
const takesForm =
  (field: string) =>
  (type: string, body: string): boolean =>
    type.startsWith('multipart/form-data') && body.includes(`name="${field}"`);

describe('the predict route of a server', () => {
  test.each<[what: string, answer: Answer, guessed: ModelRow['predict'], flag: string | undefined]>([
    ['that is as guessed: JSON', routeAt('/predict', takesJson), json, undefined],
    ['that is as guessed: a file', routeAt('/model/predict', takesForm('image')), max, undefined],
    ['with another path', routeAt('/predict', takesJson), max, 'POST /predict json'],
    ['with a file at the guessed path', routeAt('/predict', takesForm('file')), json, 'POST /predict file:file'],
    ['with JSON at the guessed path', routeAt('/model/predict', takesJson), max, 'POST /model/predict json'],
    ['with another part of the form', routeAt('/model/predict', takesForm('img')), max, 'POST /model/predict file:img'],
    [
      'with a picture as it is',
      routeAt('/classify', (type) => type === 'image/png'),
      json,
      'POST /classify raw:image/png',
    ],
    ['that needs more than a try has', routeAt('/infer', () => false), max, 'POST /infer json'],
    ['that is guessed and needs more than a try has', routeAt('/predict', () => false), json, undefined],
    ['that answers everything', () => 200, max, 'POST /model/predict json'],
    ['that is not there', () => 404, json, undefined],
    ['that takes no POST', () => 405, json, undefined],
  ])('%s', async (_what, answer, guessed, flag) => {
    const found = await withServer(answer, async (url) => tryRoutes(url, guessed));
    expect(found?.flag).toBe(flag);
  });
});

test('a server that does not listen, or closes the connection, has no status', async () => {
  expect(
    await withServer(
      () => 200,
      async (url) => statusOf('GET', url),
    ),
  ).toBe(200);
  const closing = createServer().listen(0, '127.0.0.1');
  closing.on('connection', (socket) => socket.destroy());
  await once(closing, 'listening');
  const url = `http://127.0.0.1:${(closing.address() as AddressInfo).port}`;
  expect(await statusOf('GET', url)).toBeUndefined();
  closing.close();
  await once(closing, 'close');
  expect(await statusOf('GET', url)).toBeUndefined();
});
