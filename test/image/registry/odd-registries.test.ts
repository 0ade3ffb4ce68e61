import { afterEach, describe, expect, test, vi } from 'vitest';

import { copyImage, planCopy } from '../../../image/engines/registry/copy.ts';
import { oci } from '../../../image/registry/media-types.ts';
import { requestFor, rowOf, testEngine, testRegistries, type TestOptions } from './support/adapter.ts';
import { pushBase, pushManifest, type PushedBase } from './support/base-images.ts';
import { startFakeRegistry } from './support/fake-registry.ts';
import { startFaultProxy, type Fault, type FaultProxy, type SeenRequest } from './support/fault-proxy.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const close of closers.splice(0).toReversed()) await close();
});

describe('a registry that hides missing images', () => {
  test.each([401, 403, 405, 400, 501])('and answers HEAD with %i can still be pushed to', async (status) => {
    const registry = await start(({ method }) => (method === 'HEAD' ? { kind: 'answer', status } : undefined));
    const { digest } = await build(registry.host);
    const pushed = await fetch(`http://${registry.host}/v2/me/x/manifests/v1`);
    expect(pushed.headers.get('docker-content-digest')).toBe(digest);
    expect((await copy(registry.host)).digest).toMatch(/^sha256:/);
  });

  test('and refuses the push is reported as refusing the push', async () => {
    const registry = await start(({ method, url }) =>
      method === 'HEAD' || url.includes('/uploads/') ? { kind: 'answer', status: 403 } : undefined,
    );
    await expect(build(registry.host)).rejects.toMatchObject({ code: 'REGISTRY_DENIED' });
  });
});

describe('what token servers answer', () => {
  test.each([
    { token: 't', expires_in: 0 },
    { token: 't', expires_in: null },
    { token: 't', expires_in: -1 },
    { token: 't', expires_in: 'soon' },
    { token: 't' },
    { token: '', access_token: 't', expires_in: 300 },
    { token: null, access_token: 't' },
    { access_token: 't', expires_in: '300' },
    { token: 't', access_token: null, issued_at: 5, refresh_token: null },
  ])('%j is a token', async (answer) => {
    const registry = await withTokens(JSON.stringify(answer));
    await build(registry.host);
    expect(tokensOf(registry)).toHaveLength(1);
  });

  test.each(['{}', '{"token":""}', '{"token":5,"access_token":[]}', 'null', '[]', ''])('%s is none', async (answer) => {
    const registry = await withTokens(answer);
    await expect(build(registry.host)).rejects.toMatchObject({
      code: 'REGISTRY_PROTOCOL',
      message: expect.stringContaining('answered without a token') as string,
    });
  });

  test('one without a lifetime is renewed after 80 % of 60 s', async () => {
    const registry = await withTokens('{"token":"t","expires_in":0}');
    const engine = await testEngine();
    await engine.build(requestFor(`${registry.host}/base/x:v1`, `${registry.host}/me/x:v1`));
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 47_000 });
    await engine.build(requestFor(`${registry.host}/base/x:v1`, `${registry.host}/me/x:v1`));
    expect(tokensOf(registry)).toHaveLength(1);
    vi.setSystemTime(Date.now() + 2000);
    await engine.build(requestFor(`${registry.host}/base/x:v1`, `${registry.host}/me/x:v1`));
    expect(tokensOf(registry)).toHaveLength(2);
  });
});

describe('what was announced shares one token and one /v2/', () => {
  const names = ['a', 'b', 'c'];

  test('for any number of models', async () => {
    const registry = await withTokens('{"token":"t"}');
    await buildAll(registry);
    expect(tokensOf(registry)).toEqual([
      [...names.map((name) => `repository:me/${name}:pull,push`), 'repository:base/x:pull'],
    ]);
    expect(registry.seen.filter(({ url }) => url === '/v2/')).toHaveLength(1);
  });

  test.each([
    [
      'gives no token for all of them',
      ({ url }: SeenRequest): Fault | undefined =>
        url.startsWith('/token') && url.split('scope=').length > 3 ? { kind: 'answer', status: 403 } : undefined,
    ],
    [
      'accepts a token for its first scope only',
      ({ url, headers }: SeenRequest): Fault | undefined => {
        const token = headers.authorization?.replace('Bearer ', '') ?? '';
        const [, target] = /^\/v2\/me\/(\w+)/.exec(url) ?? [];
        return target === undefined || token.startsWith(`me/${target}`) ? undefined : { kind: 'answer', status: 401 };
      },
    ],
    [
      'takes no header of more than 4 KB',
      ({ headers }: SeenRequest): Fault | undefined =>
        (headers.authorization ?? '').length > 4096 ? { kind: 'answer', status: 431 } : undefined,
    ],
  ])('but a registry that %s gets one for each', async (_title, fault) => {
    const registry = await start(
      (request) =>
        fault(request) ?? (request.url.startsWith('/token') ? tokenFor(request) : unlessToken(request, () => true)),
    );
    await buildAll(registry);
    for (const name of names) {
      expect((await fetch(`http://${registry.host}/v2/me/${name}/manifests/v1`, bearer(name))).status).toBe(200);
    }
  });

  async function buildAll(registry: FaultProxy): Promise<void> {
    const requests = names.map((name) =>
      requestFor(`${registry.host}/base/x:v1`, `${registry.host}/me/${name}:v1`, { row: rowOf(name) }),
    );
    const engine = await testEngine();
    await engine.announce(requests);
    await Promise.all(requests.map(async (request) => engine.build(request)));
  }

  const bearer = (name: string): RequestInit => ({
    headers: { authorization: `Bearer me/${name}`, accept: oci.manifest },
  });

  /** A token that starts with its first repository, and is longer for several repositories. */
  function tokenFor({ url }: SeenRequest): Fault {
    const scopes = new URL(url, 'http://x').searchParams.getAll('scope');
    const token = `${scopes[0]?.split(':')[1]}${'.'.repeat(scopes.length > names.length ? 5000 : 0)}`;
    return { kind: 'answer', status: 200, body: JSON.stringify({ token }) };
  }
});

describe('two credentials on one registry', () => {
  test('each repository is opened with its own, and the image is made', async () => {
    const auths = { HOST: login('a'), 'HOST/me': login('b') };
    const registry = await start(({ url, headers: { authorization } }) => {
      const user = authorization === undefined ? '' : atob(authorization.replace('Basic ', '')).split(':')[0];
      const wanted = url.startsWith('/v2/base') ? 'a' : url.startsWith('/v2/me') ? 'b' : user;
      return user !== '' && user === wanted
        ? undefined
        : { kind: 'answer', status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } };
    });
    const environment = { DOCKER_AUTH_CONFIG: JSON.stringify({ auths }).replaceAll('HOST', registry.host) };
    expect((await build(registry.host, { environment })).digest).toMatch(/^sha256:/);
  });

  const login = (user: string): object => ({ auth: btoa(`${user}:x`) });
});

describe('copy of an index', () => {
  test('with the same entries again and again reads and sends each once', async () => {
    const registry = await start();
    let inner: Listed = await pushBase(registry.host, 'base/x', 'leaf', { family: 'oci' });
    for (let depth = 0; depth < 3; depth++) inner = await pushIndex(registry.host, 'v1', Array(20).fill(inner));
    const before = registry.seen.length;
    await copy(registry.host);
    const reads = registry.seen.slice(before).filter(({ method, url }) => method === 'GET' && /manifests/.test(url));
    expect(reads).toHaveLength(4);
    const writes = registry.seen.slice(before).filter(({ method, url }) => method === 'PUT' && /manifests/.test(url));
    expect(writes).toHaveLength(4);
  });

  test.each([
    ['nested without end', 'indexes within indexes, 4 and more deep'],
    ['with entries without end', 'more than 1000 manifests'],
  ])('%s is refused', async (title, message) => {
    const registry = await start();
    const leaf: Listed = await pushBase(registry.host, 'base/x', 'leaf', { family: 'oci' });
    if (title.startsWith('nested')) {
      let inner = leaf;
      for (let depth = 0; depth < 12; depth++) inner = await pushIndex(registry.host, 'v1', [inner]);
    } else {
      const many = Array.from({ length: 1100 }, (_, index) => ({
        ...leaf,
        digest: `sha256:${String(index).padStart(64, '0')}`,
      }));
      await pushIndex(registry.host, 'v1', many);
    }
    for (const attempt of [copy, plan]) {
      await expect(attempt(registry.host)).rejects.toMatchObject({
        code: 'REGISTRY_UNSUPPORTED',
        message: expect.stringContaining(message) as string,
      });
    }
  });

  type Listed = Pick<PushedBase, 'digest' | 'size'>;

  async function pushIndex(host: string, name: string, entries: readonly Listed[]): Promise<Listed> {
    const manifests = entries.map(({ digest, size }) => ({ mediaType: oci.manifest, digest, size }));
    return pushManifest(host, 'base/x', name, oci.index, { schemaVersion: 2, mediaType: oci.index, manifests });
  }
});

async function start(decide: (request: SeenRequest) => Fault | undefined = () => undefined): Promise<FaultProxy> {
  const registry = await startFakeRegistry();
  closers.push(registry.close);
  await pushBase(registry.host, 'base/x', 'v1', { layers: ['one'], family: 'oci' });
  const proxy = await startFaultProxy(registry.host, decide);
  closers.push(proxy.close);
  return proxy;
}

/** A registry that requires the token "t", whose token server gives this answer. */
async function withTokens(answer: string): Promise<FaultProxy> {
  return start((request) =>
    request.url.startsWith('/token')
      ? { kind: 'answer', status: 200, body: answer }
      : unlessToken(request, (token) => token === 't'),
  );
}

function unlessToken({ headers }: SeenRequest, isGood: (token: string) => boolean): Fault | undefined {
  const [, token] = /^Bearer (.+)$/.exec(headers.authorization ?? '') ?? [];
  if (token !== undefined && isGood(token)) return undefined;
  const challenge = `Bearer realm="http://${headers.host}/token",service="x"`;
  return { kind: 'answer', status: 401, headers: { 'www-authenticate': challenge } };
}

/** The scopes of each requested token. */
function tokensOf({ seen }: FaultProxy): readonly (readonly string[])[] {
  return seen
    .filter(({ url }) => url.startsWith('/token'))
    .map(({ url }) => new URL(url, 'http://x').searchParams.getAll('scope'));
}

async function build(host: string, options: TestOptions = {}): Promise<{ readonly digest: string | undefined }> {
  return (await testEngine(options)).build(requestFor(`${host}/base/x:v1`, `${host}/me/x:v1`));
}

async function copy(host: string): Promise<{ readonly digest: string }> {
  const { signal, progress } = requestFor('x', 'me/x');
  return copyImage(testRegistries(), `${host}/base/x:v1`, `${host}/me/copy:v1`, { signal, progress });
}

async function plan(host: string): Promise<{ readonly digest: string }> {
  return planCopy(testRegistries(), `${host}/base/x:v1`, `${host}/me/copy:v1`, requestFor('x', 'me/x'));
}
