import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { buildCli } from '../../../support/build-cli.ts';
import { startRegistry, type TestRegistry } from '../../../support/registry.ts';
import { lacks } from '../../../support/requirements.ts';
import { rows } from '../../rows.ts';
import { pushBase, pushNodeImage } from '../../registry/support/base-images.ts';
import { startFaultProxy, type FaultProxy } from '../../registry/support/fault-proxy.ts';
import { skopeoInspect } from '../../registry/support/skopeo.ts';

interface Report {
  readonly models: readonly {
    readonly status: string;
    readonly target: string;
    readonly digest: string;
    readonly bytes: { readonly pushed: number; readonly mounted: number; readonly copied: number };
  }[];
}

const models = rows.filter(({ template }) => !template);

describe.skipIf(lacks('docker-registry', 'skopeo'))('build.ts --models all --engine registry', () => {
  let registry: TestRegistry;
  let proxy: FaultProxy;
  let folder: string;

  beforeAll(async () => {
    registry = await startRegistry();
    proxy = await startFaultProxy(registry.host);
    folder = await mkdtemp(join(tmpdir(), 'modelwhisk-all-'));
    await pushNodeImage(registry.host, 'library/node', '24');
    for (const { name } of models) await pushBase(registry.host, `models/${name}`, 'v1', { layers: [name, 'common'] });
    const bases = models.map((row) => ({ ...row, image: `${proxy.host}/models/${row.name}:v1` }));
    await writeFile(join(folder, 'models.json'), JSON.stringify({ models: bases }));
  });
  afterAll(async () => {
    await proxy.close();
    await registry.close();
    await rm(folder, { recursive: true });
  });

  test('builds them all and sends the layers once; a second run sends no bytes', async () => {
    expect(models.length).toBeGreaterThanOrEqual(35);

    const first = await buildAll();

    expect(first.models.map(({ status }) => status)).toEqual(models.map(() => 'pushed'));
    for (const { target, digest } of first.models) {
      expect(await skopeoInspect(target.replace(proxy.host, registry.host))).toMatchObject({ Digest: digest });
    }
    const mostSent = first.models.map(({ bytes }) => bytes.pushed).toSorted((a, b) => b - a);
    expect(mostSent[0]).toBeGreaterThan(20_000);
    expect(mostSent[1]).toBeLessThan(20_000);
    expect(first.models.map(({ bytes }) => bytes.copied)).toEqual(models.map(() => 0));

    const sent = proxy.sent();
    const second = await buildAll();

    expect(second.models.map(({ digest }) => digest)).toEqual(first.models.map(({ digest }) => digest));
    expect(proxy.sent()).toBe(sent);
  });

  async function buildAll(): Promise<Report> {
    const words = ['--models', 'all', '--username', 'me', '--engine', 'registry', '--registry', proxy.host, '--json'];
    const files = ['--catalogue', join(folder, 'models.json'), '--runtime-image', `${registry.host}/library/node:24`];
    const { stdout, stderr, exitCode } = await buildCli([...words, ...files], {
      XDG_CACHE_HOME: join(folder, 'cache'),
      DOCKER_CONFIG: folder,
      HOME: folder,
    });
    expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' });
    return JSON.parse(stdout) as Report;
  }
});
