import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { modelRow, type ModelRow } from '../../../core/row.ts';
import { adapterImageLabels } from '../../../image/engines/adapter-image.ts';
import { wrapConfig } from '../../../image/engines/wrap-config.ts';
import { oci } from '../../../image/registry/media-types.ts';
import { requestFor, rowOf, testEngine } from '../../image/registry/support/adapter.ts';
import { pushBase, pushManifest } from '../../image/registry/support/base-images.ts';
import { type FakeRegistry, startFakeRegistry } from '../../image/registry/support/fake-registry.ts';
import { buildCli, type CliResult } from '../../support/build-cli.ts';

// Dry runs, which only read. rewrap.slow.test.ts makes images.

interface Config {
  Env: string[];
  Labels: Record<string, string>;
  [key: string]: unknown;
}

const row = modelRow.parse({ ...rowOf('digits'), memory: 2048 });
const base = { layers: ['one', 'two'], config: { Cmd: ['/serve'], Env: ['A=b', 'PATH=/bin'], User: '7' } };

let registry: FakeRegistry;
let host: string;
let baseDigest: string;
beforeAll(async () => {
  registry = await startFakeRegistry();
  ({ host } = registry);
  ({ digest: baseDigest } = await pushBase(host, 'base/x', 'v1', base));
  await pushBase(host, 'base/y', 'v1', { ...base, layers: ['one', 'other'] });
  await makeImage('me/digits:v1');
});
afterAll(async () => registry.close());

test('the base, its digest, the row and the platform come from the labels', async () => {
  const { exitCode, stdout, stderr } = await dryRun('me/digits:v1', '--json', '--for', 'openwhisk,knative');
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(JSON.parse(stdout)).toEqual({
    image: `${host}/me/digits:v1`,
    target: `${host}/me/digits:v1`,
    status: 'planned',
    model: 'digits',
    platform: 'linux/amd64',
    engine: null,
    version: { before: expect.stringMatching(/^\d+\.\d+\.\d+$/) as string, after: expect.any(String) as string },
    base: { name: `${host}/base/x:v1`, digest: baseDigest },
    deployments: [
      {
        platform: 'openwhisk',
        update: [
          expect.objectContaining({
            command: `wsk action update digits --docker ${host}/me/digits:v1 --web true -m 2048 -t 300000`,
          }),
        ],
        notes: [],
      },
      expect.objectContaining({ platform: 'knative' }),
    ],
  });
});

test('the text says what would be made, the versions, the base and how to go on; --quiet only the name', async () => {
  const { stdout } = await dryRun('me/digits:v1');
  expect(stdout).toMatch(
    new RegExp(
      `^would make ${host}/me/digits:v1 again from ${host}/me/digits:v1
  adapter \\S+ → \\S+, platform linux/amd64
  base ${host}/base/x:v1@${baseDigest}
  Functions that run keep the former image. --for PLATFORM prints`,
    ),
  );
  expect(await dryRun('me/digits:v1', '--quiet')).toEqual({
    exitCode: 0,
    stdout: `${host}/me/digits:v1\n`,
    stderr: '',
  });
});

test('the platform is that of the image', async () => {
  await pushBase(host, 'base/arm', 'v1', { ...base, architecture: 'arm64' });
  await makeImage('me/arm:v1', { from: 'base/arm:v1', platform: 'linux/arm64' });
  expect(JSON.parse((await dryRun('me/arm:v1', '--json')).stdout)).toMatchObject({ platform: 'linux/arm64' });
});

test('--tag names another tag; by its digest, an image needs one', async () => {
  expect((await dryRun('me/digits:v1', '--tag', 'v2', '--quiet')).stdout).toBe(`${host}/me/digits:v2\n`);
  const digest = (await fetch(`http://${host}/v2/me/digits/manifests/v1`)).headers.get('docker-content-digest') ?? '';
  expect(await dryRun(`me/digits@${digest}`)).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/is named by its digest, which cannot be pushed to\n {2}hint: give --tag/) as string,
  });
  expect((await dryRun(`me/digits@${digest}`, '--tag', 'v2', '--quiet')).stdout).toBe(`${host}/me/digits:v2\n`);
});

describe('the base', () => {
  test('stays the digest of before where its tag has moved on, unless --latest-base is given', async () => {
    const { digest: former } = await pushBase(host, 'base/moving', 'v1', base);
    await makeImage('me/moving:v1', { from: 'base/moving:v1' });
    const { digest: latest } = await pushBase(host, 'base/moving', 'v1', { ...base, layers: ['one', 'newer'] });
    expect(await baseOf('me/moving:v1')).toEqual({ name: `${host}/base/moving:v1`, digest: former });
    expect(await baseOf('me/moving:v1', '--latest-base')).toEqual({ name: `${host}/base/moving:v1`, digest: latest });
  });

  test('is another one with --base', async () => {
    expect(await baseOf('me/digits:v1', '--base', `${host}/base/y:v1`)).toMatchObject({ name: `${host}/base/y:v1` });
  });

  test('named by a digest alone has no newer one', async () => {
    await makeImage('me/pinned:v1', { from: `base/x@${baseDigest}` });
    expect(await baseOf('me/pinned:v1')).toMatchObject({ digest: baseDigest });
    expect(await dryRun('me/pinned:v1', '--latest-base')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('--base IMAGE instead: the base') as string,
    });
  });

  test('that is gone fails; with another one, whether the image was changed is left open, with a warning', async () => {
    await change('me/gone:v1', ({ Labels }) => {
      Labels['org.opencontainers.image.base.digest'] = `sha256:${'0'.repeat(64)}`;
    });
    expect(await dryRun('me/gone:v1')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(
        /^error: the base of \S+\/me\/gone:v1 cannot be read: \S+base\/x@sha256:0+ does not exist.*\n {2}hint: log in where it is; or/,
      ) as string,
    });
    expect(await dryRun('me/gone:v1', '--latest-base')).toMatchObject({
      exitCode: 0,
      stderr: expect.stringMatching(/^warning: \S+\/me\/gone:v1 may have been changed after it was made: /) as string,
    });
  });

  test('--base and --latest-base together are refused', async () => {
    const { exitCode, stderr } = await dryRun('me/digits:v1', '--latest-base', '--base', 'me/x');
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 2 });
    expect(stderr).toContain('--latest-base does not go with --base');
  });
});

describe('an image of an older version', () => {
  test('without the label of the row is made from what the adapter was given, and says what to check', async () => {
    await change('me/no-row:v1', ({ Labels }) => delete Labels['dev.modelwhisk.row']);
    const { stdout } = await dryRun('me/no-row:v1', '--json', '--for', 'openwhisk');
    expect(JSON.parse(stdout)).toMatchObject({
      model: 'digits',
      deployments: [{ notes: ['the image does not say how much memory its model needs: check it'] }],
    });
  });

  test('without the label of the base needs --base', async () => {
    await change('me/no-base:v1', ({ Labels }) => {
      delete Labels['org.opencontainers.image.base.name'];
      delete Labels['org.opencontainers.image.base.digest'];
    });
    expect(await dryRun('me/no-base:v1')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(
        /was made by modelwhisk [\d.]+, and its labels do not name its base\n {2}hint: name it with --base IMAGE\n$/,
      ) as string,
    });
    expect(await baseOf('me/no-base:v1', '--base', `${host}/base/x:v1`)).toMatchObject({ digest: baseDigest });
  });

  test('whose row this version cannot read must be built anew, with these flags', async () => {
    await change('me/odd-row:v1', (config) => {
      config.Labels['dev.modelwhisk.row'] = '{"kind":"of old"}';
      config.Env = config.Env.filter((entry) => !entry.startsWith('MODELWHISK_MODEL='));
    });
    const { exitCode, stderr } = await dryRun('me/odd-row:v1');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('does not say its row in a form that this version reads');
    expect(stderr).toContain(`hint: build it anew: ./build.ts --image ${host}/base/x:v1 with --port, --predict and`);
  });

  test('from a base that was in no registry needs the docker engine, or another base', async () => {
    await change('me/local:v1', ({ Labels }) => delete Labels['org.opencontainers.image.base.digest']);
    const { exitCode, stderr } = await dryRun('me/local:v1');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/was in no registry when it was made\n {2}hint: use --engine docker where that image is/);
    expect(await baseOf('me/local:v1', '--latest-base')).toMatchObject({ digest: baseDigest });
  });
});

test('an image of a newer version is made all the same, with a warning', async () => {
  await change('me/newer:v1', ({ Labels }) => (Labels['dev.modelwhisk.version'] = '100.0.0'));
  expect(await dryRun('me/newer:v1')).toMatchObject({
    exitCode: 0,
    stderr: expect.stringMatching(
      /^warning: \S+\/me\/newer:v1 was made by modelwhisk 100.0.0, which is newer than this one\n$/,
    ) as string,
  });
});

describe('refused with what to do instead is', () => {
  test.each<[what: string, config: object, message: string, hint: string]>([
    ['a foreign image', {}, 'has no adapter in it: modelwhisk did not make it', './build.ts --image'],
    [
      'the adapter alone',
      { Labels: adapterImageLabels },
      'holds nothing but the adapter',
      'push the adapter of this version: ./build.ts adapter',
    ],
    [
      'one of a Dockerfile, whose base has a base label of its own',
      {
        Entrypoint: ['/modelwhisk/init', 'node'],
        Labels: { 'org.opencontainers.image.base.name': 'debian' },
        Env: ['MODELWHISK_MODEL={}'],
      },
      'got its adapter from a Dockerfile',
      'push the adapter of this version with ./build.ts adapter, and build that Dockerfile again',
    ],
  ])('%s', async (what, config, message, hint) => {
    const name = `other/${what.replaceAll(/[^a-z]/g, '')}`;
    await pushBase(host, name, 'v1', { config });
    const { exitCode, stderr } = await dryRun(`${name}:v1`);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(new RegExp(`^error: ${host}/${name}:v1 ${message}`));
    expect(stderr).toContain(`hint: ${hint}`);
  });

  test.each<[what: string, changed: (config: Config) => unknown, message: string]>([
    ['a variable', ({ Env }) => Env.push('MODELWHISK_LOG=json'), 'its variable MODELWHISK_LOG is "json"'],
    ['another value', ({ Env }) => Env.splice(Env.indexOf('A=b'), 1, 'A=c'), 'its variable A is "c"'],
    ['a label', ({ Labels }) => (Labels['team'] = 'vision'), 'its label team is "vision"'],
    ['another user', (config) => (config['User'] = '8'), 'its User is "8"'],
    ['a folder', (config) => (config['WorkingDir'] = '/x'), 'its WorkingDir is "/x"'],
    ['a command', (config) => (config['Cmd'] = ['x']), 'it has a command: ["x"]'],
  ])('an image that got %s afterwards, which would be lost', async (what, changed, message) => {
    const name = `me/${what.replaceAll(' ', '-')}:v1`;
    await change(name, changed);
    const { exitCode, stderr } = await dryRun(name);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`is not just ${host}/base/x:v1 and the adapter: ${message}\n  hint: what was added to it`);
  });

  test('an image that got layers afterwards', async () => {
    const { digest } = await pushBase(host, 'base/z', 'v1', { ...base, layers: ['one', 'two', 'three'] });
    await change('me/more-layers:v1', ({ Labels }) => {
      Labels['org.opencontainers.image.base.name'] = `${host}/base/z:v1`;
      Labels['org.opencontainers.image.base.digest'] = digest;
    });
    const { exitCode, stderr } = await dryRun('me/more-layers:v1');
    expect(exitCode).toBe(1);
    expect(stderr).toContain("it has 4 layers, which are not the base's 3 and the adapter's");
  });

  test('an index of several platforms', async () => {
    const entry = async (tag: string, architecture: string): Promise<object> => {
      const response = await fetch(`http://${host}/v2/me/digits/manifests/${tag}`);
      const size = Buffer.from(await response.arrayBuffer()).length;
      const digest = response.headers.get('docker-content-digest');
      return { mediaType: response.headers.get('content-type'), digest, size, platform: { os: 'linux', architecture } };
    };
    const one = await entry('v1', 'amd64');
    const index = { schemaVersion: 2, mediaType: oci.index };
    await pushManifest(host, 'me/digits', 'one', oci.index, { ...index, manifests: [one] });
    await pushManifest(host, 'me/digits', 'both', oci.index, {
      ...index,
      manifests: [one, await entry('v1', 'arm64')],
    });
    expect(await dryRun('me/digits:one')).toMatchObject({ exitCode: 0 });
    expect(await dryRun('me/digits:both')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('is an index of several images: linux/amd64, linux/arm64') as string,
    });
  });

  test('an image that does not exist', async () => {
    expect(await dryRun('me/none')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/\/me\/none:latest does not exist/) as string,
    });
  });
});

async function dryRun(image: string, ...words: readonly string[]): Promise<CliResult> {
  return buildCli(['rewrap', `${host}/${image}`, '--dry-run', ...words], {});
}

async function baseOf(image: string, ...words: readonly string[]): Promise<unknown> {
  const { stdout } = await dryRun(image, ...words, '--json');
  return (JSON.parse(stdout) as { readonly base: unknown }).base;
}

async function makeImage(
  name: string,
  {
    from = 'base/x:v1',
    platform = 'linux/amd64',
    changed = () => undefined,
  }: { readonly from?: string; readonly platform?: string; readonly changed?: (config: Config) => unknown } = {},
): Promise<void> {
  const engine = await testEngine({
    configure: (found, model: ModelRow) => {
      const config = wrapConfig(found, model) as unknown as Config;
      changed(config);
      return config;
    },
  });
  await engine.build(requestFor(`${host}/${from}`, `${host}/${name}`, { row, platform }));
}

/** An image of ours with another configuration. */
async function change(name: string, changed: (config: Config) => unknown): Promise<void> {
  await makeImage(name, { changed });
}
