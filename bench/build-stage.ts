import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { adapterLayers } from '../image/engines/registry/engine.ts';
import { Registries } from '../image/registry/registries.ts';
import { pushBase } from '../test/image/registry/support/base-images.ts';
import { startFaultProxy, type FaultProxy } from '../test/image/registry/support/fault-proxy.ts';
import { startRegistry } from '../test/support/registry.ts';
import { pushThisNode } from './this-node.ts';

const root = join(import.meta.dirname, '..');

/** The environment of the contestants of the build bench. */
export interface Stage {
  /** "127.0.0.1:PORT" of a registry with the models `models/one` and `models/two`, tag v1. */
  readonly host: string;
  /** A proxy of the registry that counts the bytes sent. */
  readonly proxy: FaultProxy;
  readonly folder: string;
  /** Path in `folder`, which contains `context/layer0.tar`, `context/layer1.tar`, layer0.tar.gz and layer1.tar.gz. */
  readonly path: (name: string) => string;
  /** The Node image by digest, like RUNTIME_IMAGE. */
  readonly runtimeImage: string;
  readonly close: () => Promise<void>;
}

/** Makes two unrelated models of ten layers each, a catalogue with them, and the adapter's layers. */
export async function setStage(megabytes: number): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-bench-'));
  const path = (name: string): string => join(folder, name);
  const registry = await startRegistry();
  const { host } = registry;
  const proxy = await startFaultProxy(host);
  const close = async (): Promise<void> => {
    await proxy.close();
    await registry.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    for (const model of ['one', 'two']) {
      const layers = Array.from({ length: 10 }, () => randomBytes(megabytes * 100_000));
      await pushBase(host, `models/${model}`, 'v1', { layers, compression: 0 });
    }
    const { digest } = await pushThisNode(host, 'library/node', '24');
    const runtimeImage = `${host}/library/node:24@${digest}`;
    await writeFile(path('models.json'), await catalogue());
    await writeFile(path('config.json'), '{}');
    await makeLayers(runtimeImage, path);
    return { host, proxy, folder, path, runtimeImage, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The real catalogue, whose rows must all be read, and the two models. */
async function catalogue(): Promise<string> {
  const { models } = JSON.parse(await readFile(join(root, 'models.json'), 'utf8')) as { models: readonly unknown[] };
  const ours = ['one', 'two'].map((name) => ({
    name,
    title: name,
    image: name,
    server: { kind: 'http', port: 5000 },
    predict: { input: { kind: 'json' } },
  }));
  return JSON.stringify({ models: [...models, ...ours] });
}

/** Users make the layers once per version of the adapter, so no contestant's time includes it. */
async function makeLayers(runtimeImage: string, path: Stage['path']): Promise<void> {
  const registries = new Registries({ environment: {} });
  const cacheFolder = path('cache/modelwhisk');
  const adapterEntry = join(root, 'adapter/main.ts');
  const layers = await adapterLayers(
    'linux/amd64',
    { progress: () => undefined, signal: new AbortController().signal },
    { runtimeImage, cacheFolder, adapterEntry, registries, environment: {}, verbose: false },
  );
  registries.close();
  await mkdir(path('context'));
  for (const [index, { open }] of layers.entries()) {
    await pipeline(await open(), createWriteStream(path(`layer${index}.tar.gz`)));
    await pipeline(await open(), createGunzip(), createWriteStream(path(`context/layer${index}.tar`)));
  }
}
