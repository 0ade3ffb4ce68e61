import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { EngineName, EngineOptions } from '../../../../image/engines/engine.ts';
import { buildCli, type CliResult } from '../../../support/build-cli.ts';
import { startAction } from '../../../support/container.ts';
import { diffIds, docker, imageConfiguration, removeImagesOf } from '../../../support/docker.ts';
import { makeStaticImage, moveToRegistry } from '../../../support/model-images.ts';
import { importNodeImage } from '../../../support/node-image.ts';
import { startRegistry, type TestRegistry } from '../../../support/registry.ts';
import { lacks } from '../../../support/requirements.ts';
import { skopeoInspect } from '../../registry/support/skopeo.ts';

const impossible = lacks('a Docker engine', 'docker-registry', 'debootstrap', 'busybox', 'skopeo');

describe.skipIf(impossible)('one model image, wrapped by both engines', () => {
  let registry: TestRegistry;
  let folder: string;
  let options: EngineOptions;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'modelwhisk-engines-'));
    registry = await startRegistry();
    const node = `${registry.host}/library/node:24`;
    const model = `${registry.host}/models/static:1.0`;
    await importNodeImage(node);
    await makeStaticImage(model);
    for (const name of [model, node]) await moveToRegistry(name);
    const row = { name: 'static', title: 'Static', image: model, server: { kind: 'http', port: 5000 } };
    const predict = { method: 'GET', path: '/model/labels', input: { kind: 'query' } };
    await writeFile(join(folder, 'models.json'), JSON.stringify({ models: [{ ...row, predict }] }));
    const environment = {
      ...process.env,
      XDG_CACHE_HOME: join(folder, 'cache'),
      DOCKER_CONFIG: join(folder, 'docker'),
    };
    options = {
      runtimeImage: node,
      cacheFolder: join(folder, 'cache', 'modelwhisk'),
      adapterEntry: join(import.meta.dirname, '../../../../adapter/main.ts'),
      environment,
      verbose: false,
    };
    for (const engine of ['registry', 'docker'] as const) await build(engine);
    for (const engine of ['registry', 'docker'] as const) await docker('pull', '--quiet', imageOf(engine));
  }, 600_000);

  afterAll(async () => {
    await removeImagesOf(registry.host);
    await registry.close();
    await rm(folder, { recursive: true });
  });

  test('skopeo and docker accept it, with the base and the configuration that the docker engine makes', async () => {
    expect(await skopeoInspect(imageOf('registry'))).toMatchObject({ Architecture: 'amd64' });
    const [ourLayers, theirLayers] = [await diffIds(imageOf('registry')), await diffIds(imageOf('docker'))];
    // Docker packs the adapter's two layers again.
    expect(ourLayers.slice(0, -2)).toEqual(theirLayers.slice(0, -2));
    const [ours, theirs] = await Promise.all([
      imageConfiguration(imageOf('registry')),
      imageConfiguration(imageOf('docker')),
    ]);
    const names = ['Env', 'Entrypoint', 'Cmd', 'ExposedPorts', 'Labels', 'User', 'WorkingDir', 'Volumes'];
    for (const name of names) expect(ours[name] ?? null).toEqual(theirs[name] ?? null);
  });

  test('both answer the same request with the same bytes', async () => {
    const replies = await Promise.all(
      (['registry', 'docker'] as const).map(async (engine) => labelsFrom(imageOf(engine))),
    );
    expect(replies[0]).toMatchObject({ statusCode: 200 });
    expect(replies[0]).toEqual(replies[1]);
  });

  test('verify accepts both', async () => {
    expect(await verify(imageOf('registry'), options)).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/registry\/static:v1 is exactly \S+@sha256:\w+ and this adapter\n$/),
    });
    expect(await verify(imageOf('docker'), options)).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/docker\/static:v1 is exactly \S+ and this adapter, packed in another way\n$/),
    });
  });

  function imageOf(engine: EngineName): string {
    return `${registry.host}/${engine}/static:v1`;
  }

  async function build(engine: EngineName): Promise<void> {
    const words = ['--models', 'static', '--tag', 'v1', '--engine', engine, '--username', engine, '--quiet'];
    const where = ['--registry', registry.host, '--catalogue', join(folder, 'models.json')];
    const { exitCode, stderr } = await buildCli(
      [...words, ...where, '--runtime-image', options.runtimeImage],
      options.environment,
    );
    if (exitCode !== 0) throw new Error(stderr);
  }
});

async function labelsFrom(image: string): Promise<unknown> {
  const action = await startAction(image);
  try {
    await action.init();
    return await action.run({ __ow_method: 'get', __ow_path: '/model/labels', __ow_headers: {}, __ow_query: '' });
  } finally {
    await action.close();
  }
}

async function verify(image: string, { runtimeImage, environment }: EngineOptions): Promise<CliResult> {
  return buildCli(['verify', image, '--runtime-image', runtimeImage], environment);
}
