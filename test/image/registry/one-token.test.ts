import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { buildCli } from '../../support/build-cli.ts';
import { requestFor, rowOf, testEngine } from './support/adapter.ts';
import { pushBase, pushNodeImage } from './support/base-images.ts';
import { startFakeRegistry } from './support/fake-registry.ts';
import { startFaultProxy, type Fault, type FaultProxy, type SeenRequest } from './support/fault-proxy.ts';

const models = ['a', 'b', 'c', 'd', 'e'];

let folder: string;
let here: FaultProxy;
let there: FaultProxy;
const closers: (() => Promise<void>)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'modelwhisk-tokens-'));
  [here, there] = [await startWithTokens(), await startWithTokens()];
});
afterEach(async () => {
  vi.useRealTimers();
  for (const close of closers.splice(0).toReversed()) await close();
  await rm(folder, { recursive: true });
});

describe('a build asks each registry for one token, and once for /v2/', () => {
  test.each([[{}], [{ REGISTRY_USERNAME: 'me', REGISTRY_PASSWORD: 'secret' }]])(
    'with --image, whose base is read first, and %j',
    async (login) => {
      const image = ['--image', `${here.host}/base/a:v1`, '--port', '5000', '--predict', '/go'];
      await build([...image, '--runtime-image', `${here.host}/library/node:24`], login);
      expect(asked(here)).toEqual({ tokens: 1, pings: 1 });
      // The manifest counts as a pull, as often as it is read.
      expect(
        here.seen.filter(({ method, url }) => method === 'GET' && url.includes('/base/a/manifests/')),
      ).toHaveLength(1);
    },
  );

  test('with --models, however many, from one registry to another', async () => {
    await build([...(await catalogue(there)), '--runtime-image', `${there.host}/library/node:24`]);
    expect([asked(here), asked(there)]).toEqual([
      { tokens: 1, pings: 1 },
      { tokens: 1, pings: 1 },
    ]);
  });

  test('with bases of both, and once more where the layers are mounted from a repository of the last build', async () => {
    await build([...(await catalogue(here, there)), '--runtime-image', `${there.host}/library/node:24`]);
    expect([asked(here), asked(there)]).toEqual([
      { tokens: 1, pings: 1 },
      { tokens: 1, pings: 1 },
    ]);
    await build([
      ...(await catalogue(here)),
      '--runtime-image',
      `${there.host}/library/node:24`,
      '--tag',
      'v2',
      '--username',
      'you',
    ]);
    expect([asked(here), asked(there)]).toEqual([
      { tokens: 2, pings: 2 },
      { tokens: 2, pings: 2 },
    ]);
    expect(here.seen.filter(({ url }) => /you\/.*mount=.*from=me%2F/.test(url)).length).toBeGreaterThan(0);
  });

  test('and one more for all of them together where it has expired', async () => {
    const engine = await testEngine();
    const requests = models.map((name) =>
      requestFor(`${there.host}/base/${name}:v1`, `${here.host}/me/${name}:v1`, { row: rowOf(name) }),
    );
    await engine.announce(requests);
    for (const tokens of [1, 2]) {
      await Promise.all(requests.map(async (request) => engine.build(request)));
      expect([asked(here), asked(there)]).toEqual([
        { tokens, pings: 1 },
        { tokens, pings: 1 },
      ]);
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 300_000 });
    }
  });
});

function asked({ seen }: FaultProxy): { readonly tokens: number; readonly pings: number } {
  const count = (pattern: RegExp): number => seen.filter(({ url }) => pattern.test(url)).length;
  return { tokens: count(/^\/token/), pings: count(/^\/v2\/$/) };
}

/** Flags for a catalogue whose bases are on these registries in turn. */
async function catalogue(...registries: readonly FaultProxy[]): Promise<readonly string[]> {
  const file = join(folder, 'models.json');
  const rows = models.map((name, index) => ({
    ...rowOf(name),
    image: `${registries[index % registries.length]?.host}/base/${name}:v1`,
  }));
  await writeFile(file, JSON.stringify({ models: rows }));
  return ['--models', 'all', '--catalogue', file];
}

async function build(words: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<void> {
  const where = ['--engine', 'registry', '--username', 'me', '--registry', here.host];
  const { exitCode, stderr } = await buildCli([...where, ...words], {
    HOME: folder,
    XDG_CACHE_HOME: folder,
    ...environment,
  });
  expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' });
}

/** A registry with the bases and an image of Node.js, where nothing can be had without a token. */
async function startWithTokens(): Promise<FaultProxy> {
  const registry = await startFakeRegistry();
  closers.push(registry.close);
  for (const name of models) await pushBase(registry.host, `base/${name}`, 'v1', { config: { Cmd: ['/serve'] } });
  await pushNodeImage(registry.host, 'library/node', '24');
  const proxy = await startFaultProxy(registry.host, tokenFirst);
  closers.push(proxy.close);
  return proxy;
}

function tokenFirst({ url, headers }: SeenRequest): Fault | undefined {
  if (url.startsWith('/token')) return { kind: 'answer', status: 200, body: '{"token":"t","expires_in":300}' };
  if (headers.authorization === 'Bearer t') return undefined;
  const challenge = `Bearer realm="http://${headers.host}/token",service="x"`;
  return { kind: 'answer', status: 401, headers: { 'www-authenticate': challenge } };
}
