import { parseTarget } from '../../../../core/reference.ts';
import { gzipSync } from 'node:zlib';
import type { LookupFunction } from 'node:net';
import { Readable } from 'node:stream';

import type { Configure, LayerBlob } from '../../../../image/engines/registry/wrap-image.ts';
import { announceImages, createAppender } from '../../../../image/engines/registry/append.ts';
import { LayerHomes } from '../../../../image/engines/registry/mount-sources.ts';
import { Registries, type RegistriesOptions } from '../../../../image/registry/registries.ts';
import { Transport } from '../../../../image/registry/transport.ts';
import { modelRow, type ModelRow } from '../../../../core/row.ts';
import type { BuildRequest, Engine } from '../../../../image/engines/engine.ts';
import { digestOf, tarOf } from './base-images.ts';

/** Two small layers that stand for the runtime and the adapter. */
export async function smallLayers(runtimeBytes = 300_000): Promise<LayerBlob[]> {
  return Promise.all([
    layerOf('modelwhisk/runtime/node', pseudoRandom(runtimeBytes)),
    layerOf('modelwhisk/adapter/main.cjs', 'export {};\n'),
  ]);
}

export async function layerOf(name: string, content: string | Uint8Array): Promise<LayerBlob> {
  const tar = await tarOf(name, content);
  const bytes = gzipSync(tar);
  return {
    digest: digestOf(bytes),
    size: bytes.length,
    diffId: digestOf(tar),
    createdBy: name,
    open: () => Readable.from([bytes]),
  };
}

export interface TestOptions extends Partial<RegistriesOptions> {
  readonly layers?: readonly LayerBlob[];
  readonly allowCopy?: boolean;
  /** Default: a plain one. */
  readonly configure?: Configure;
  readonly homesFile?: string;
  /** How host names become addresses. */
  readonly lookup?: LookupFunction;
}

/** The engine with retries that do not wait, small layers and a plain configuration. */
export async function testEngine(options: TestOptions = {}): Promise<Pick<Engine, 'announce' | 'build'>> {
  const layers = options.layers ?? (await smallLayers());
  const registries = testRegistries(options);
  const homes = new LayerHomes(options.homesFile);
  return {
    announce: async (images) => announceImages(images, { registries, homes }),
    build: createAppender({
      registries,
      layers: async () => layers,
      configure: options.configure ?? plainConfig,
      allowCopy: options.allowCopy,
      homes,
    }),
  };
}

const plainConfig: Configure = ({ config }, { name }) => ({
  ...config,
  Entrypoint: ['/modelwhisk/node'],
  Labels: { model: name },
});

export function testRegistries({ lookup, ...options }: TestOptions = {}): Registries {
  const environment = options.environment ?? {};
  return new Registries({
    environment,
    ...(lookup !== undefined && { transport: new Transport({ environment, lookup }) }),
    retryPolicy: { attempts: 5, firstDelay: 1, longestDelay: 10 },
    ...options,
  });
}

export function requestFor(base: string, target: string, options: Partial<BuildRequest> = {}): BuildRequest {
  return {
    row: rowOf('digits'),
    base,
    target: parseTarget(target),
    platform: 'linux/amd64',
    push: true,
    signal: new AbortController().signal,
    progress: () => undefined,
    ...options,
  };
}

export function rowOf(name: string): ModelRow {
  return modelRow.parse({
    name,
    title: name,
    image: name,
    server: { kind: 'http', port: 5000 },
    predict: { input: { kind: 'json' } },
  });
}

/** Incompressible bytes, the same in each run. */
export function pseudoRandom(size: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(size);
  let state = seed;
  for (let index = 0; index < size; index++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[index] = state >>> 16;
  }
  return bytes;
}
