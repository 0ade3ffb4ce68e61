import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, describe, expect, test } from 'vitest';

import { requestFor, testEngine } from './support/adapter.ts';
import { pushBase } from './support/base-images.ts';
import { startFaultProxy, type FaultProxy } from './support/fault-proxy.ts';
import { lacks } from '../../support/requirements.ts';
import { startRegistry } from '../../support/registry.ts';
import { startTokenServer, type TokenServer, type TokenServerOptions } from './support/token-server.ts';

const secrets = /s3cret|czNjcmV0|refresh-me/;
const pull = ['pull'];
const everything = ['pull', 'push'];

describe.skipIf(lacks('docker-registry', 'openssl'))('a registry with a token server', () => {
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).toReversed()) await close();
  });

  const owner: TokenServerOptions = {
    users: { me: 's3cret' },
    grants: (user, repository) => (repository.startsWith('me/') ? (user === 'me' ? everything : []) : pull),
  };
  const login = { REGISTRY_USERNAME: 'me', REGISTRY_PASSWORD: 's3cret' };

  test('one token holds all scopes, the push first, and every mount is granted', async () => {
    const { proxy, tokens, base, target } = await start(owner);

    const { bytes } = await (await testEngine({ environment: login })).build(requestFor(base, target));

    expect(tokens.seen.map(({ scopes }) => scopes)).toEqual([['repository:me/x:pull,push', 'repository:base/x:pull']]);
    expect(bytes?.copied).toBe(0);
    expect(bytes?.mounted).toBeGreaterThan(0);
    expect(proxy.seen.filter(({ headers }) => headers.authorization === undefined)).toHaveLength(1);
  });

  test('further images share the home of the layers, and still take one token each', async () => {
    const { tokens, base, target } = await start(owner);
    const engine = await testEngine({ environment: login });
    await engine.build(requestFor(base, target));

    const { bytes } = await engine.build(requestFor(base, target.replace('me/x', 'me/y')));

    expect(tokens.seen.map(({ scopes }) => scopes).slice(1)).toEqual([
      ['repository:me/y:pull,push', 'repository:base/x:pull', 'repository:me/x:pull'],
    ]);
    expect(bytes?.pushed).toBeLessThan(20_000);
  });

  test.each([
    {
      title: 'a wrong password',
      environment: { ...login, REGISTRY_PASSWORD: 'not-s3cret' },
      code: 'REGISTRY_UNAUTHORIZED',
      message: /^127\.0\.0\.1:\d+ refused these credentials$/,
    },
    {
      title: 'nobody logged in',
      environment: {},
      code: 'REGISTRY_UNAUTHORIZED',
      message: /^not logged in to 127\.0\.0\.1:\d+$/,
    },
  ])('$title: $code, without a secret in it', async ({ environment, code, message }) => {
    const { base, target } = await start(owner);
    const error = await failure((await testEngine({ environment })).build(requestFor(base, target)));
    expect(error).toMatchObject({
      code,
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/^run docker login 127\.0\.0\.1:\d+/),
    });
    expect(`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).not.toMatch(secrets);
  });

  test('a token that can only read the target is reported before anything is sent', async () => {
    const { proxy, base, target } = await start({ ...owner, grants: () => pull });
    const error = await failure((await testEngine({ environment: login })).build(requestFor(base, target)));
    expect(error).toMatchObject({ code: 'REGISTRY_DENIED', hint: expect.stringContaining('Read & Write') });
    expect(proxy.sent()).toBe(0);
  });

  test('a base that the account may not read is named', async () => {
    const { base, target } = await start({
      ...owner,
      grants: (user, repository) => (repository === 'me/x' && user === 'me' ? everything : []),
    });
    const error = await failure((await testEngine({ environment: login })).build(requestFor(base, target)));
    expect(error).toMatchObject({
      code: 'REGISTRY_UNAUTHORIZED',
      message: expect.stringContaining('base/x:v1 does not exist or is not open to you'),
    });
  });

  test('an identity token is exchanged by POST', async () => {
    const { tokens, base, target } = await start({ ...owner, refreshTokens: { me: 'refresh-me' } });
    const environment = { REGISTRY_USERNAME: '<token>', REGISTRY_PASSWORD: 'refresh-me' };
    await (await testEngine({ environment })).build(requestFor(base, target));
    expect(tokens.seen).toEqual([
      { method: 'POST', scopes: ['repository:me/x:pull,push', 'repository:base/x:pull'], authorization: undefined },
    ]);
  });

  test('GET is used if the token server does not support POST', async () => {
    const { tokens, base, target } = await start({ ...owner, grants: () => everything });
    const environment = { REGISTRY_USERNAME: '<token>', REGISTRY_PASSWORD: 'refresh-me' };
    await (await testEngine({ environment })).build(requestFor(base, target));
    expect(tokens.seen.map(({ method }) => method)).toEqual(['POST', 'GET']);
  });

  test.each([
    ['PATCH', /uploads/],
    ['PUT', /manifests/],
    ['POST', /mount=/],
  ])('a token that expires at %s is renewed once, and the push goes on', async (method, url) => {
    let times = 1;
    const { tokens, base, target } = await start(owner, (request) =>
      request.method === method && url.test(request.url) && times-- > 0 ? { kind: 'answer', status: 401 } : undefined,
    );
    const { bytes } = await (await testEngine({ environment: login })).build(requestFor(base, target));
    expect(tokens.seen).toHaveLength(2);
    expect(bytes?.copied).toBe(0);
  });

  test('a push works although the token server refuses the whole token because of one scope', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-homes-'));
    closers.push(async () => rm(folder, { recursive: true }));
    const { tokens, base, target } = await start({ ...owner, refuses: (repository) => repository === 'me/gone' });
    const homesFile = join(folder, 'homes.json');
    await writeFile(homesFile, JSON.stringify({ [target.split('/')[0] ?? '']: 'me/gone' }));
    const { digest } = await (await testEngine({ environment: login, homesFile })).build(requestFor(base, target));
    expect(digest).toMatch(/^sha256:/);
    expect(tokens.seen.at(-1)?.scopes).toContain('repository:me/gone:pull');
  });

  test('a redirect to the storage of blobs is followed without the token', async () => {
    const store = await start(owner);
    const { proxy, base, target } = await start(owner, ({ method, url }) =>
      method === 'GET' && /base\/x\/blobs/.test(url)
        ? { kind: 'answer', status: 307, headers: { location: `http://${store.proxy.host}/elsewhere` } }
        : undefined,
    );
    const error = await failure((await testEngine({ environment: login })).build(requestFor(base, target)));
    expect(error).toMatchObject({ code: 'REGISTRY_NOT_FOUND' });
    expect(proxy.seen.some(({ headers }) => headers.authorization !== undefined)).toBe(true);
    const redirected = store.proxy.seen.filter(({ url }) => url === '/elsewhere');
    expect(redirected.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  test.each(['http://169.254.169.254/latest', 'ftp://example.com/', 'http://['])(
    'a redirect to %s is not followed',
    async (location) => {
      const { base, target } = await start(owner, ({ method, url }) =>
        method === 'GET' && /base\/x\/blobs/.test(url)
          ? { kind: 'answer', status: 307, headers: { location } }
          : undefined,
      );
      const error = await failure((await testEngine({ environment: login })).build(requestFor(base, target)));
      expect(error).toMatchObject({ code: 'REGISTRY_PROTOCOL', message: expect.stringContaining('sends us') });
    },
  );

  test('REGISTRY_PASSWORD goes to the target’s registry, never to the base’s', async () => {
    const here = await start(owner);
    const there = await start(owner);
    await (await testEngine({ environment: login })).build(requestFor(here.base, there.target));
    expect(here.tokens.seen.map(({ authorization }) => authorization)).toEqual([undefined]);
    expect(there.tokens.seen.every(({ authorization }) => authorization !== undefined)).toBe(true);
  });

  interface Setup {
    readonly proxy: FaultProxy;
    readonly tokens: TokenServer;
    readonly base: string;
    readonly target: string;
  }

  /** A registry that trusts the token server. An open registry on the same data has stored the base. */
  async function start(options: TokenServerOptions, decide?: Parameters<typeof startFaultProxy>[1]): Promise<Setup> {
    const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-data-'));
    closers.push(async () => rm(folder, { recursive: true, force: true }));
    const open = await startRegistry({ data: folder });
    await pushBase(open.host, 'base/x', 'v1');
    await open.close();
    const tokens = await startTokenServer(options);
    closers.push(tokens.close);
    const registry = await startRegistry({ data: folder, auth: tokens.auth });
    closers.push(async () => registry.close());
    const proxy = await startFaultProxy(registry.host, decide);
    closers.push(proxy.close);
    return { proxy, tokens, base: `${proxy.host}/base/x:v1`, target: `${proxy.host}/me/x:v1` };
  }
});

describe.skipIf(lacks('docker-registry'))('a registry with a password file', () => {
  test('gets Basic credentials on each request', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-data-'));
    const registry = await startRegistry({ data: folder, htpasswd: `me:${bcryptOfSecret}\n` });
    const open = await startRegistry({ data: folder });
    await pushBase(open.host, 'base/x', 'v1');
    await open.close();
    const request = requestFor(`${registry.host}/base/x:v1`, `${registry.host}/me/x:v1`);
    const build = async (password: string) =>
      (await testEngine({ environment: { REGISTRY_USERNAME: 'me', REGISTRY_PASSWORD: password } })).build(request);

    expect(await failure(build('wrong'))).toMatchObject({
      code: 'REGISTRY_UNAUTHORIZED',
      message: `${registry.host} refused these credentials`,
      hint: `run docker login ${registry.host} again, or correct REGISTRY_USERNAME and REGISTRY_PASSWORD`,
    });
    expect(await failure((await testEngine({ environment: {} })).build(request))).toMatchObject({
      code: 'REGISTRY_UNAUTHORIZED',
      message: `not logged in to ${registry.host}`,
      hint: `run docker login ${registry.host}, or set REGISTRY_USERNAME and REGISTRY_PASSWORD`,
    });
    expect((await build('s3cret')).digest).toMatch(/^sha256:/);
    await registry.close();
    await rm(folder, { recursive: true });
  });
});

/** bcrypt of "s3cret", the only hash that distribution accepts. */
const bcryptOfSecret = '$2b$04$c8Mi4rxc4YgY4fp6KjfiA.Y/71t405xmDsPZUazrM5KhPnpBoZPIa';

async function failure(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => {
      throw new Error('it should have failed');
    },
    (error: unknown) => error as Error,
  );
}
