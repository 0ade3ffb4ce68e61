import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ClientReply, ClientRequest } from '../../../contract/platform-client.ts';
import { sendHttp } from '../../http-client.ts';
import { startOnPort } from '../http/start.ts';
import { startScfHost, type ScfHost } from './host.ts';

// The real model server of examples/digits, as the image has it.
const digits = join(import.meta.dirname, '../../../../examples/digits');
const row = {
  name: 'digits',
  title: 'Handwritten Digit Classifier',
  image: 'modelwhisk/digits',
  server: { kind: 'express', module: join(digits, 'src', 'app.ts') },
  predict: { input: { kind: 'file', field: 'image', filename: 'digit.png', contentType: 'image/png' } },
};

let images: Server;
let imagePort: number;
let host: ScfHost;
let plain: Awaited<ReturnType<typeof startOnPort>>;
beforeAll(async () => {
  images = createServer((request, response) => response.end(sample(`.${request.url}`))).listen(0, '127.0.0.1');
  await once(images, 'listening');
  imagePort = (images.address() as AddressInfo).port;
  const environment = { DIGITS_ALLOW_HOSTS: '127.0.0.1', MODELWHISK_FETCH_ALLOW_HOSTS: '127.0.0.1' };
  [host, plain] = await Promise.all([startScfHost(row, environment), startOnPort(row, environment)]);
});
afterAll(async () => {
  images.close();
  await host.close();
  await plain.adapter.stop();
});

function sample(name: string): Buffer {
  return readFileSync(join(digits, 'samples', name));
}

function bestLabel(reply: unknown): string | undefined {
  return (reply as { predictions: { label_id: string }[] }).predictions[0]?.label_id;
}

const entrances: [name: string, send: (request: ClientRequest) => Promise<ClientReply>][] = [
  ['an SCF web function', (request) => host.web(request)],
  ['an SCF event function behind API Gateway', (request) => host.trigger('gateway', request)],
  ['an SCF event function behind a function URL', (request) => host.trigger('url', request)],
  ['plain HTTP', (request) => sendHttp(plain.port, request)],
];

describe.each(entrances)('examples/digits through %s', (_name, send) => {
  async function post(path: string, body: object): Promise<[status: number, reply: unknown]> {
    const reply = await send({
      method: 'POST', path, query: '', headers: [['Content-Type', 'application/json']],
      body: Buffer.from(JSON.stringify(body)), timeLimit: 30_000,
    }); // prettier-ignore
    return [reply.status, JSON.parse(Buffer.from(reply.body).toString())];
  }

  test("answers the tutorial's request with base64, and its URL empty", async () => {
    const body = { image_base64: sample('7.png').toString('base64'), image_url: '' };
    expect(await post('/ai', body)).toEqual([200, { result: 7 }]);
  });

  test("answers the tutorial's request with a URL, and its base64 empty", async () => {
    const body = { image_base64: '', image_url: `http://127.0.0.1:${imagePort}/4.jpg` };
    expect(await post('/ai', body)).toEqual([200, { result: 4 }]);
  });

  test('answers JSON on the predict route, the image named by the adapter’s rules', async () => {
    const body = { image_url: `http://127.0.0.1:${imagePort}/6.gif` };
    const [status, reply] = await post('/model/predict', body);
    expect([status, bestLabel(reply)]).toEqual([200, '6']);
  });
});

test("answers the event of the tutorial's console, whose path has a query and whose headers have no type", async () => {
  const { json } = await host.invoke({
    requestContext: { serviceId: 'service-f94sy04v', path: '/test/{path}', httpMethod: 'POST', stage: 'release' },
    headers: { Accept: 'text/html,application/xml,application/json', 'User-Agent': 'User Agent String' },
    body: JSON.stringify({ image_base64: sample('7.png').toString('base64'), image_url: '' }),
    pathParameters: { path: 'value' },
    queryStringParameters: { foo: 'bar' },
    headerParameters: { Refer: '10.0.2.14' },
    stageVariables: { stage: 'release' },
    path: '/ai?foo=bar',
    queryString: { foo: 'bar', bob: 'alice' },
    httpMethod: 'POST',
  });
  const { statusCode, body } = json as { statusCode: number; body: string };
  expect([statusCode, JSON.parse(body)]).toEqual([200, { result: 7 }]);
});

test('a direct event to the event function predicts', async () => {
  const { json } = await host.invoke({ image_base64: sample('3-transparent.png').toString('base64') });
  expect(bestLabel(json)).toBe('3');
});
