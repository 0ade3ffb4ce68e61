import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fetchUrl } from '../../../adapter/fetch/fetch.ts';
import type { FetchPolicy } from '../../../adapter/fetch/policy.ts';

const bytes = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 256));
const routes: Readonly<Record<string, RequestListener>> = {
  '/pixel.png': (_, response) => response.setHeader('content-type', 'image/png').end(bytes),
  '/plain': (_, response) => response.end(bytes),
  '/caf%C3%A9%20%22x%22.png': (_, response) => response.end(bytes),
  '/echo-headers': (request, response) => response.end(JSON.stringify(request.headers)),
  '/chunked': (_, response) => void (response.write(bytes.subarray(0, 500)), response.end(bytes.subarray(500))),
  '/trailers': (_, response) => {
    response.writeHead(200, { trailer: 'x-sum' }).write(bytes);
    response.addTrailers({ 'x-sum': '1' });
    response.end();
  },
  '/gzip': (_, response) => response.setHeader('content-encoding', 'gzip').end(gzipSync(bytes)),
  '/deflate': (_, response) => response.setHeader('content-encoding', 'deflate').end(deflateSync(bytes)),
  '/br': (_, response) => response.setHeader('content-encoding', 'BR').end(brotliCompressSync(bytes)),
  '/unknown-encoding': (_, response) => response.setHeader('content-encoding', 'compress').end(bytes),
  '/not-gzip': (_, response) => response.setHeader('content-encoding', 'gzip').end(bytes),
  '/gzip-cut-short': (_, response) =>
    response.setHeader('content-encoding', 'gzip').end(gzipSync(bytes).subarray(0, 100)),
  '/gzip-bomb': (_, response) => response.setHeader('content-encoding', 'gzip').end(gzipSync(Buffer.alloc(50_000_000))),
  '/announces-too-much': (_, response) => response.setHeader('content-length', 1_000_000).flushHeaders(),
  '/endless': (_, response) => {
    const pour = (): void => {
      while (response.write(bytes)) if (response.destroyed) return;
    };
    response.on('drain', pour);
    pour();
  },
  '/cut-short': (_, response) => {
    response.setHeader('content-length', 2000).write(bytes, () => response.destroy());
  },
  '/chunked-cut-short': (_, response) => void response.write(bytes, () => response.destroy()),
  '/hangs-up': (request) => request.socket.destroy(),
  '/never': () => undefined,
  '/stalls': (_, response) => void response.write(bytes.subarray(0, 10)),
  '/missing': (_, response) => void response.writeHead(404).end('no such thing'),
  '/broken': (_, response) => void response.writeHead(500).end(),
  '/not-modified': (_, response) => void response.writeHead(304).end(),
  '/lost': (_, response) => void response.writeHead(302).end(),
  '/redirect': (request, response) => {
    const location = new URL(request.url ?? '', 'http://server').searchParams.get('to') ?? '';
    response.writeHead(302, { location: Buffer.from(location).toString('latin1') }).end('moved');
  },
};

let server: Server;
let port: number;
let requests: string[];
const lookups: string[] = [];

/** Stands for the system's resolver: all names under .test are this server. */
const lookup: LookupFunction = (hostname, options, callback) => {
  lookups.push(hostname);
  const addresses = hostname.startsWith('mixed.') ? ['93.184.215.14', '127.0.0.1'] : ['127.0.0.1'];
  if (!hostname.endsWith('.test')) {
    callback(Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: 'ENOTFOUND' }), '', 0);
  } else if (options.all) {
    callback(
      null,
      addresses.map((address) => ({ address, family: 4 })),
    );
  } else callback(null, addresses[0] ?? '', 4);
};

beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push(request.url ?? '');
    const route = routes[(request.url ?? '').replace(/\?.*/, '')];
    if (route === undefined) throw new Error(`no route ${request.url}`);
    route(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});

beforeEach(() => {
  requests = [];
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function fetchFrom(url: string, policy: Partial<FetchPolicy> = {}, signal = new AbortController().signal) {
  return fetchUrl(
    url.replaceAll('PORT', String(port)),
    {
      allowHosts: ['allowed.test'],
      maximumBytes: 100_000,
      timeoutMilliseconds: 20_000,
      maximumRedirects: 5,
      ...policy,
    },
    signal,
    lookup,
  );
}

function at(path: string): string {
  return `http://allowed.test:PORT${path}`;
}

describe('a resource arrives whole', () => {
  test.each([
    ['with its Content-Type and name', '/pixel.png', { contentType: 'image/png', filename: 'pixel.png' }],
    ['without either', '/plain', {}],
    ['with a name beyond ASCII', '/caf%C3%A9%20%22x%22.png', { filename: 'café "x".png' }],
    ['chunked', '/chunked', {}],
    ['chunked with trailers', '/trailers', {}],
    ['compressed with gzip, though not asked to', '/gzip', {}],
    ['compressed with deflate', '/deflate', {}],
    ['compressed with brotli', '/br', {}],
    ['after a redirect', '/redirect?to=/pixel.png', { contentType: 'image/png', filename: 'pixel.png' }],
    ['after a redirect to another allowed spelling', '/redirect?to=http://ALLOWED.test:PORT/plain', {}],
  ])('%s', async (_, path, expected) => {
    await expect(fetchFrom(at(path))).resolves.toEqual({ body: bytes, ...expected });
  });

  test('up to exactly the size limit', async () => {
    await expect(fetchFrom(at('/chunked'), { maximumBytes: 1000 })).resolves.toMatchObject({
      body: bytes,
    });
  });

  test('for an address on the allow-list', async () => {
    await expect(fetchFrom('http://127.0.0.1:PORT/plain', { allowHosts: ['127.0.0.1'] })).resolves.toMatchObject({
      body: bytes,
    });
  });

  test('the request carries nothing of its caller', async () => {
    const { body } = await fetchFrom(at('/echo-headers'));
    expect(JSON.parse(Buffer.from(body).toString())).toEqual({
      accept: '*/*',
      'accept-encoding': 'identity',
      connection: 'keep-alive',
      host: `allowed.test:${port}`,
      'user-agent': 'modelwhisk',
    });
  });

  test('a name is resolved once for each connection, so that the checked address is the one connected to', async () => {
    lookups.length = 0;
    await fetchFrom(at('/redirect?to=/plain'));
    expect(lookups).toEqual(['allowed.test', 'allowed.test']);
  });
});

describe('no spelling of a private address is connected to', () => {
  test.each([
    ['127.0.0.1'],
    ['127.1'],
    ['127.0.0.1.'],
    ['2130706433'],
    ['0177.0.0.1'],
    ['0x7f.1'],
    ['0x7f000001'],
    ['%31%32%37.0.0.1'],
    ['①②⑦.⓪.⓪.①'],
    ['127。0。0。1'],
    ['0.0.0.0'],
    ['0'],
    ['[::1]'],
    ['[::]'],
    ['[::ffff:127.0.0.1]'],
    ['[::ffff:7f00:1]'],
    ['[::127.0.0.1]'],
    ['[64:ff9b::127.0.0.1]'],
    ['[2002:7f00:1::]'],
    ['169.254.169.254'],
    ['[fd00:ec2::254]'],
    ['private.test'],
    ['PRIVATE.TEST'],
    ['mixed.test'],
  ])('%s', async (host) => {
    await expect(fetchFrom(`http://${host}:PORT/plain`)).rejects.toMatchObject({ name: 'CallerError', status: 403 });
    await expect(fetchFrom(`https://${host}:PORT/plain`)).rejects.toMatchObject({ status: 403 });
    const redirect = `http://allowed.test:PORT/redirect?to=${encodeURIComponent(`http://${host}:PORT/plain`)}`;
    await expect(fetchFrom(redirect.replaceAll('PORT', String(port)))).rejects.toMatchObject({ status: 403 });
    expect(requests).not.toContain('/plain');
  });

  test('not even by the resolver of the system', async () => {
    const policy = { allowHosts: [], maximumBytes: 1000, timeoutMilliseconds: 20_000, maximumRedirects: 5 };
    await expect(
      fetchUrl(`http://localhost:${port}/plain`, policy, new AbortController().signal),
    ).rejects.toMatchObject({ status: 403 });
    expect(requests).not.toContain('/plain');
  });

  test('and no message has the address of a name', async () => {
    await expect(fetchFrom('http://private.test:PORT/plain?token=secret')).rejects.toMatchObject({
      message: `http://private.test:${port}/plain?… is refused: private.test has no public address`,
      hint: `set MODELWHISK_FETCH_ALLOW_HOSTS=private.test:${port} to allow it`,
    });
  });
});

describe('a failed fetch is a CallerError', () => {
  test.each([
    ['no URL', 'pixel.png', 400, '"pixel.png" is not a URL'],
    ['no host', 'http://', 400, '"http://" is not a URL'],
    ['a zone in the address', 'http://[fe80::1%25eth0]/', 400, 'is not a URL'],
    ['a slash in a password', 'http://user:pa/ss@example.com/', 400, '"http://example.com/" is not a URL'],
    ['a question mark in a password', 'http://user:pa?ss@example.com/', 400, '"http://example.com/" is not a URL'],
    ['another scheme', 'ftp://allowed.test/x', 400, 'ftp://allowed.test/x is neither an http nor an https URL'],
    ['a file', 'file:///etc/passwd', 400, 'file:///etc/passwd is neither an http nor an https URL'],
    ['a user name', 'http://me@allowed.test:PORT/plain', 403, at('/plain was given with a user name')],
    ['a password', 'http://:pw@allowed.test:PORT/plain', 403, at('/plain was given with a user name')],
    ['an unknown host', 'http://unknown.example/x', 502, 'http://unknown.example/x could not be fetched: ENOTFOUND'],
    ['a port where nobody listens', 'http://allowed.test:1/x', 502, 'could not be fetched: ECONNREFUSED'],
    ['TLS with a server that has none', 'https://allowed.test:PORT/plain', 502, 'could not be fetched: '],
    ['not found', at('/missing?sig=secret'), 502, `${at('/missing?…')} answered 404 Not Found`],
    ['a server error', at('/broken'), 502, 'answered 500 Internal Server Error'],
    ['not modified', at('/not-modified'), 502, 'answered 304'],
    ['a redirect to nowhere', at('/lost'), 502, 'answered 302'],
    ['a redirect to no URL', at('/redirect?to=http://['), 502, 'is not a URL'],
    ['a redirect to a file', at('/redirect?to=file:///etc/passwd'), 403, 'neither an http nor an https URL'],
    ['a redirect with a password', at('/redirect?to=http://me:pw@allowed.test/'), 403, 'with a user name or password'],
    ['a hang-up', at('/hangs-up'), 502, 'could not be fetched: ECONNRESET'],
    ['a body shorter than announced', at('/cut-short'), 502, 'could not be fetched: '],
    ['a chunked body without its end', at('/chunked-cut-short'), 502, 'could not be fetched: '],
    ['gzip without its end', at('/gzip-cut-short'), 502, 'could not be fetched: Z_BUF_ERROR'],
    ['invalid gzip', at('/not-gzip'), 502, 'could not be fetched: Z_DATA_ERROR'],
    ['an unknown encoding', at('/unknown-encoding'), 502, 'content-encoding "compress" is not supported'],
    ['a length past the limit', at('/announces-too-much?sig=secret'), 413, 'is larger than 100000 bytes'],
    ['a body past the limit', at('/endless'), 413, `${at('/endless')} is larger than 100000 bytes`],
    ['a small body that decodes to a large one', at('/gzip-bomb'), 413, 'is larger than 100000 bytes'],
  ])('%s', async (_, url, status, message) => {
    const failure: unknown = await fetchFrom(url).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      name: 'CallerError',
      code: 'INPUT',
      status,
      message: expect.stringContaining(message.replaceAll('PORT', String(port))),
    });
    expect((failure as Error).message).not.toMatch(/secret|pw/);
  });

  test.each([['/never'], ['/stalls']])('%s ends at the time limit', async (path) => {
    await expect(fetchFrom(at(`${path}?sig=secret`), { timeoutMilliseconds: 100 })).rejects.toMatchObject({
      status: 504,
      message: `http://allowed.test:${port}${path}?… could not be fetched within 100 ms`,
    });
  });

  test('the time limit covers all redirects together', async () => {
    const loop = fetchFrom(at('/redirect?to='), { timeoutMilliseconds: 300, maximumRedirects: 1_000_000 });
    await expect(loop).rejects.toMatchObject({ status: 504 });
  });

  test.each([
    [5, 5],
    [0, 0],
  ])('at most %i redirects are followed', async (maximumRedirects) => {
    await expect(fetchFrom(at('/redirect?counted'), { maximumRedirects })).rejects.toMatchObject({
      status: 502,
      message: `http://allowed.test:${port}/redirect?… redirects more than ${maximumRedirects} times`,
    });
    expect(requests.filter((url) => url === '/redirect?counted')).toHaveLength(maximumRedirects + 1);
  });

  test.each([['/never'], ['/stalls']])('%s ends when the caller no longer waits', async (path) => {
    const caller = new AbortController();
    const fetching = fetchFrom(at(path), {}, caller.signal);
    setTimeout(() => caller.abort(), 50);
    await expect(fetching).rejects.toMatchObject({ status: 504, message: expect.stringContaining('the call ended') });
  });

  test('a caller who has left already causes no request', async () => {
    await expect(fetchFrom(at('/plain'), {}, AbortSignal.abort())).rejects.toMatchObject({ status: 504 });
    expect(requests).not.toContain('/plain');
  });
});

test('afterwards no connection stays open', async () => {
  await fetchFrom(at('/redirect?to=/plain'));
  await expect.poll(() => new Promise((resolve) => server.getConnections((_, count) => resolve(count)))).toBe(0);
});
