import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { sample } from './helpers.ts';

// Read when app.ts is imported. "localhost" is not on the list, so the same server is refused by that name.
vi.stubEnv('DIGITS_ALLOW_HOSTS', '127.0.0.1');
const { app } = await import('../../../examples/digits/src/app.ts');

let images: Server;
let port: number;

beforeAll(async () => {
  images = createServer((request, response) => {
    const [, action = '', argument = ''] = (request.url ?? '').split('/');
    switch (action) {
      case 'sample':
        response.end(sample(argument));
        return;
      case 'redirect':
        response.writeHead(302, { location: decodeURIComponent(argument) }).end();
        return;
      case 'large':
        response.end(Buffer.alloc(16 * 1024 * 1024 + 1));
        return;
      default:
        response.writeHead(404).end('no such image');
    }
  }).listen(0);
  await once(images, 'listening');
  port = (images.address() as AddressInfo).port;
});

afterAll(() => {
  images.close();
});

const base64 = (name: string): string => sample(name).toString('base64');

describe('POST /ai', () => {
  test.each<[kind: string, body: () => object, result: number]>([
    ['image_base64', () => ({ image_base64: base64('7.png') }), 7],
    ['a data URL', () => ({ image_base64: `data:image/gif;base64,${base64('6.gif')}` }), 6],
    ['base64 in lines', () => ({ image_base64: base64('0.png').replaceAll(/.{76}/g, '$&\r\n') }), 0],
    ['image_url', () => ({ image_url: `http://127.0.0.1:${port}/sample/4.jpg` }), 4],
    ['image_url with a redirect', () => ({ image_url: `http://127.0.0.1:${port}/redirect/%2Fsample%2F1.png` }), 1],
    ['image_base64 beside an empty URL', () => ({ image_base64: base64('9-light.jpg'), image_url: '' }), 9],
    [
      'image_url beside empty base64',
      () => ({ image_base64: '', image_url: `http://127.0.0.1:${port}/sample/5.bmp` }),
      5,
    ],
    ['a member that means nothing', () => ({ image_base64: base64('2.png'), verbose: true }), 2],
  ])('answers the digit of %s', async (_kind, body, result) => {
    const response = await supertest(app).post('/ai').send(body());
    expect([response.status, response.body]).toEqual([200, { result }]);
  });

  test.each<[kind: string, body: object, errors: Record<string, RegExp>]>([
    ['neither image', {}, { '': /Exactly one of/ }],
    ['both images', { image_base64: 'aaaa', image_url: 'http://example.com' }, { '': /Exactly one of/ }],
    ['a list', [1], { '': /object/ }],
    ['a number', { image_base64: 7 }, { image_base64: /string/ }],
    ['text that is not base64', { image_base64: 'seven!' }, { image_base64: /base64/ }],
    ['empty base64', { image_base64: '' }, { '': /Exactly one of/ }],
    ['a data URL of nothing', { image_base64: 'data:image/png;base64,' }, { image_base64: /.+/ }],
    ['an empty URL', { image_url: '' }, { '': /Exactly one of/ }],
    ['no URL', { image_url: 'seven.png' }, { image_url: /not an http or https URL/ }],
    ['a file URL', { image_url: 'file:///etc/passwd' }, { image_url: /not an http or https URL/ }],
    ['credentials in the URL', { image_url: 'http://me:secret@example.com/' }, { image_url: /not an http/ }],
  ])('%s is a 400 that names the member', async (_kind, body, errors) => {
    const response = await supertest(app).post('/ai').send(body);
    expect(response.status).toBe(400);
    expect(response.body.message).toBe('Input payload validation failed');
    expect(Object.keys(response.body.errors)).toEqual(Object.keys(errors));
    for (const [name, text] of Object.entries(errors)) {
      expect(response.body.errors[name]).toMatch(text);
    }
  });

  test.each<[kind: string, url: () => string]>([
    ['loopback by name', () => `http://localhost:${port}/sample/7.png`],
    ['loopback in IPv6', () => `http://[::1]:${port}/sample/7.png`],
    ['loopback as IPv4 in IPv6', () => `http://[::ffff:127.0.0.1]:${port}/sample/7.png`],
    ['loopback as one number', () => 'http://2130706434/'],
    ['this host', () => `http://0.0.0.0:${port}/sample/7.png`],
    ['a private network', () => 'http://10.0.0.1/'],
    ['another private network', () => 'https://192.168.1.1/'],
    ['a unique local address', () => 'http://[fd00::1]/'],
    ['the metadata service of clouds', () => 'http://169.254.169.254/latest/meta-data/'],
    ['a shared address', () => 'http://100.64.0.1/'],
    ["Azure's host agent", () => 'http://168.63.129.16/'],
    ['loopback, compatible with IPv4', () => `http://[::7f00:1]:${port}/`],
    ['loopback by NAT64', () => 'http://[64:ff9b::7f00:1]/'],
    ['loopback by 6to4', () => 'http://[2002:7f00:1::1]/'],
    ['what is not assigned', () => 'http://[4000::1]/'],
    [
      'a redirect to loopback',
      () => `http://127.0.0.1:${port}/redirect/${encodeURIComponent(`http://localhost:${port}/sample/7.png`)}`,
    ],
  ])('image_url at %s is refused', async (_kind, url) => {
    const response = await supertest(app).post('/ai').send({ image_url: url() });
    expect(response.status).toBe(400);
    expect(response.body.errors.image_url).toMatch(/leads to an address that is not public$/);
  });

  test.each<[kind: string, path: () => string, status: number, text: RegExp]>([
    ['is not found', () => '/nothing', 400, /answered 404/],
    [
      'turns in a circle',
      () => `/redirect/${encodeURIComponent(`http://127.0.0.1:${port}/redirect/%2Fredirect%2F`)}`,
      400,
      /cannot be fetched|answered/,
    ],
    ['leads to a file', () => `/redirect/${encodeURIComponent('file:///etc/passwd')}`, 400, /cannot be fetched/],
    ['is larger than 16 MB', () => '/large', 413, /more than 16777216 bytes/],
    ['is no image', () => '/redirect/%2Fsample%2Fdraw.ts', 400, /not a PNG/],
  ])('image_url that %s is a %s', async (_kind, path, status, text) => {
    const response = await supertest(app)
      .post('/ai')
      .send({ image_url: `http://127.0.0.1:${port}${path()}` });
    expect(response.status).toBe(status);
    expect(JSON.stringify(response.body)).toMatch(text);
  });

  test.each<[kind: string, type: string, body: string, status: number]>([
    ['malformed JSON', 'application/json', '{"image_url', 400],
    ['an empty body', 'application/json', '', 400],
    ['another content type', 'text/plain', '{"image_base64":"aaaa"}', 400],
    ['a bare word', 'application/json', '"seven"', 400],
    ['a body past the limit', 'application/json', `{"image_base64":"${'a'.repeat(23_000_000)}"}`, 413],
    ['an unknown charset', 'application/json; charset=klingon', '{}', 415],
  ])('%s is refused with a message', async (_kind, type, body, status) => {
    const response = await supertest(app).post('/ai').type(type).send(body);
    expect(response.status).toBe(status);
    expect(response.body.message).toEqual(expect.any(String));
  });
});
