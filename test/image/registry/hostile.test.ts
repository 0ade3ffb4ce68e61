import { afterEach, describe, expect, test } from 'vitest';

import { requestFor, testEngine, type TestOptions } from './support/adapter.ts';
import { pushBase } from './support/base-images.ts';
import { startFakeRegistry } from './support/fake-registry.ts';
import { startFaultProxy, type Fault, type FaultProxy, type SeenRequest } from './support/fault-proxy.ts';
import { startForwardProxy } from './support/forward-proxy.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const login = { REGISTRY_USERNAME: 'me', REGISTRY_PASSWORD: 's3cret' };
const basic = `Basic ${btoa('me:s3cret')}`;

describe('credentials go to the registry alone', () => {
  test.each([
    ['bearer', (thief: string) => `Bearer realm="http://${thief}/steal",service="x"`],
    ['basic', () => 'Basic realm="x"'],
  ])('a %s challenge of where a blob is redirected to is not answered', async (_title, challengeOf) => {
    const thief: FaultProxy = await start((request) =>
      request.url.startsWith('/steal')
        ? { kind: 'answer', status: 200, body: '{"token":"t"}' }
        : { kind: 'answer', status: 401, headers: { 'www-authenticate': challengeOf(thief.host) } },
    );
    const registry = await start((request) => {
      if (isBlobGet(request)) return redirectTo(`http://${thief.host}/blob`);
      // It requires a password, so every request has one.
      if (request.headers.authorization === basic) return undefined;
      return { kind: 'answer', status: 401, headers: { 'www-authenticate': 'Basic realm="registry"' } };
    });

    const error = await failureOf(build(registry.host, { environment: login }));

    expect(error).toMatchObject({ code: 'REGISTRY_DENIED', message: expect.stringContaining(thief.host) as string });
    expect(thief.seen.map(({ headers }) => headers.authorization)).toEqual([undefined]);
    expect(registry.seen.some(({ headers }) => headers.authorization === basic)).toBe(true);
  });

  test('an upload that is sent elsewhere goes without them, and a challenge there is not answered', async () => {
    const thief = await start(() => ({
      kind: 'answer',
      status: 401,
      headers: { 'www-authenticate': 'Basic realm="x"' },
    }));
    const registry = await start(({ method, headers }) => {
      if (headers.authorization !== basic) {
        return { kind: 'answer', status: 401, headers: { 'www-authenticate': 'Basic realm="registry"' } };
      }
      const location = `http://${thief.host}/upload`;
      return method === 'POST' ? { kind: 'answer', status: 202, headers: { location } } : undefined;
    });

    const error = await failureOf(build(registry.host, { environment: login }));

    expect(error).toMatchObject({ code: 'REGISTRY_DENIED' });
    expect(thief.seen.map(({ headers }) => headers.authorization).filter((value) => value !== undefined)).toEqual([]);
  });

  test('they are not sent along when a redirect leads back to the registry', async () => {
    const mirror: FaultProxy = await start(({ url }) => redirectTo(`http://${registry.host}${url}?back`));
    const registry: FaultProxy = await start((request) => {
      if (request.headers.authorization !== basic && !request.url.endsWith('?back')) {
        return { kind: 'answer', status: 401, headers: { 'www-authenticate': 'Basic realm="registry"' } };
      }
      return isBlobGet(request) && !request.url.endsWith('?back')
        ? redirectTo(`http://${mirror.host}${request.url}`)
        : undefined;
    });
    await build(registry.host, { environment: login });
    const back = registry.seen.filter(({ url }) => url.endsWith('?back'));
    expect(back.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  test('they are not sent along when a token server redirects to another host', async () => {
    const thief = await start(() => ({ kind: 'answer', status: 200, body: '{"token":"t"}' }));
    const registry = await start((request) =>
      request.url.startsWith('/token')
        ? redirectTo(`http://${thief.host}/token`)
        : request.headers.authorization === 'Bearer t'
          ? undefined
          : bearerChallenge(request),
    );
    await build(registry.host, { environment: login });
    expect(thief.seen.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  test('a password in a Location is not sent', async () => {
    const store = await start();
    const registry = await start(
      (request) => (isBlobGet(request) ? redirectTo(`http://a:b@${store.host}${request.url}`) : undefined),
      store.host,
    );
    await build(registry.host);
    expect(store.seen.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
  });
});

describe('where a registry may send us', () => {
  const inner = [
    'http://127.0.0.1:1/x',
    'http://localhost:1/x',
    'http://a.localhost:1/x',
    'http://metadata.google.internal/x',
    'http://169.254.169.254/x',
    'http://168.63.129.16/x',
    'http://100.100.100.200/x',
    'http://[::7f00:1]:1/x',
    'http://[::ffff:10.0.0.1]:1/x',
    'http://[fd00:ec2::254]/x',
    'http://10.0.0.1/x',
    'http://0x7f.1/x',
    'http://inner.example.test/x',
  ];
  test.each(inner)('one on the Internet not to %s', async (location) => {
    const { host, options } = await onTheInternet((request) => (isBlobGet(request) ? redirectTo(location) : undefined));
    expect(await failureOf(build(host, options))).toMatchObject({
      code: 'REGISTRY_PROTOCOL',
      message: expect.stringContaining('sends us to the private address') as string,
      hint: expect.stringContaining('--allow-redirect') as string,
    });
  });

  test.each(['token', 'upload'])('nor by its %s', async (way) => {
    const { host, options } = await onTheInternet(({ method, url }) => {
      if (way === 'upload') {
        return method === 'POST'
          ? { kind: 'answer', status: 202, headers: { location: 'http://10.0.0.1/' } }
          : undefined;
      }
      const realm = 'Bearer realm="http://10.0.0.1/token"';
      return url === '/v2/' ? { kind: 'answer', status: 401, headers: { 'www-authenticate': realm } } : undefined;
    });
    expect(await failureOf(build(host, options))).toMatchObject({ code: 'REGISTRY_PROTOCOL' });
  });

  test('one on the Internet to a private address that the user allows', async () => {
    const store = await start();
    const { host, options } = await onTheInternet(
      (request) => (isBlobGet(request) ? redirectTo(`http://${store.host}${request.url}`) : undefined),
      store.host,
    );
    await build(host, { ...options, allowedHosts: ['127.0.0.1'] });
    expect(store.seen.filter(isBlobGet)).toHaveLength(1);
  });

  test.each(['127.0.0.1', 'localhost'])('one on this machine to %s', async (name) => {
    const store = await start();
    const registry = await start((request) => {
      const target = `http://${store.host.replace('127.0.0.1', name)}${request.url}`;
      return isBlobGet(request) ? redirectTo(target) : undefined;
    }, store.host);
    await build(registry.host);
    expect(store.seen.filter(isBlobGet)).toHaveLength(1);
  });

  test.each([
    'http://169.254.169.254/',
    'http://168.63.129.16/',
    'http://[fe80::1]/',
    'ftp://example.com/',
    'http://[',
  ])('one on this machine not to %s', async (location) => {
    const registry = await start((request) => (isBlobGet(request) ? redirectTo(location) : undefined));
    expect(await failureOf(build(registry.host))).toMatchObject({
      code: 'REGISTRY_PROTOCOL',
      message: expect.stringContaining('sends us') as string,
    });
  });

  /** A registry behind a proxy, as from a company's network, where its address is unknown. */
  async function onTheInternet(
    decide: Decide,
    upstream?: string,
  ): Promise<{ readonly host: string; readonly options: TestOptions }> {
    const registry = await start(decide, upstream);
    const proxy = await startForwardProxy(registry.host);
    closers.push(proxy.close);
    const host = 'registry.example.test:5000';
    const environment = { HTTP_PROXY: proxy.url, NO_PROXY: 'inner.example.test' };
    return { host, options: { environment, insecureRegistries: [host], lookup: innerName } };
  }
});

/** Stands for a name server with one name, whose address is in the user's network. */
const innerName: NonNullable<TestOptions['lookup']> = (hostname, options, callback) => {
  const address = hostname === 'inner.example.test' ? '10.1.2.3' : '127.0.0.1';
  if (hostname.endsWith('google.internal')) callback(Object.assign(new Error('unknown'), { code: 'ENOTFOUND' }), '');
  else if (options.all === true) callback(null, [{ address, family: 4 }]);
  else callback(null, address, 4);
};

type Decide = (request: SeenRequest) => Fault | undefined;

/** A registry with a base image, behind a proxy that makes faults. `upstream` is another registry to use instead. */
async function start(decide: Decide = () => undefined, upstream?: string): Promise<FaultProxy> {
  let contents = upstream;
  if (contents === undefined) {
    const registry = await startFakeRegistry();
    closers.push(registry.close);
    await pushBase(registry.host, 'base/x', 'v1', { layers: ['one'] });
    contents = registry.host;
  }
  const proxy = await startFaultProxy(contents, decide);
  closers.push(proxy.close);
  return proxy;
}

async function build(host: string, options: TestOptions = {}): Promise<unknown> {
  return (await testEngine(options)).build(requestFor(`${host}/base/x:v1`, `${host}/me/x:v1`));
}

function isBlobGet({ method, url }: SeenRequest): boolean {
  return method === 'GET' && /base\/x\/blobs\/sha256/.test(url);
}

function redirectTo(location: string): Fault {
  return { kind: 'answer', status: 307, headers: { location } };
}

function bearerChallenge({ headers: { host } }: SeenRequest): Fault {
  return { kind: 'answer', status: 401, headers: { 'www-authenticate': `Bearer realm="http://${host}/token"` } };
}

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('it should have failed');
    },
    (error: unknown) => error,
  );
}
