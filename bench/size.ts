import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundleAdapter, type BundledFile } from '../image/layers/bundle.ts';
import { adapterLayers } from '../image/engines/registry/engine.ts';
import { Registries } from '../image/registry/registries.ts';
import { startRegistry } from '../test/support/registry.ts';
import { cacheFolder } from './peers.ts';
import { table } from './report.ts';
import { pushThisNode } from './this-node.ts';

/** The size that the adapter adds to an image, and the size of the parts that are loaded. */
export async function benchSize(): Promise<string> {
  const [runtime, adapter] = await layerSizes();
  const { files } = await bundleAdapter();
  const licences = files.find(({ path }) => path.endsWith('LICENCES.txt'));
  const packages = new TextDecoder().decode(licences?.bytes).match(/^\S+(?= \d+\.\d+\.\d+\S* \(.+\)$)/gm) ?? [];
  return [
    table(
      ['KB', 'as it is', 'compressed'],
      [
        ['runtime layer (Node.js and the C library of this machine; built images hold Node.js 24)', ...runtime],
        ['adapter layer', ...adapter],
        [
          'of it loaded on OpenWhisk for an Express model server',
          ...sizes(named(files, [...always, 'packages/supertest.cjs'])),
        ],
        ['of it loaded on OpenWhisk for an http model server', ...sizes(named(files, always))],
      ],
    ),
    '',
    `- packages inside the adapter layer, with all they bring along: ${packages.length} (${packages.join(', ')})`,
  ].join('\n');
}

type Row = readonly [uncompressed: string, compressed: string];

/** The sizes of both layers as the registry engine pushes them. */
async function layerSizes(): Promise<readonly [Row, Row]> {
  const registry = await startRegistry();
  const registries = new Registries({ environment: {} });
  try {
    await pushThisNode(registry.host, 'library/node', '24');
    const layers = await adapterLayers(
      'linux/amd64',
      { progress: () => undefined, signal: new AbortController().signal },
      {
        runtimeImage: `${registry.host}/library/node:24`,
        cacheFolder: join(cacheFolder, 'layers'),
        registries,
        environment: {},
        verbose: false,
        adapterEntry: join(import.meta.dirname, '../adapter/main.ts'),
      },
    );
    const [runtime = ['?', '?'], adapter = ['?', '?']] = layers.map((layer): Row => ['', kilobytes(layer.size)]);
    return [runtime, adapter];
  } finally {
    registries.close();
    await registry.close();
  }
}

/** The entry, and the package that the platform's module imports. */
const always = ['main.cjs', 'packages/negotiator.cjs'];

/** @throws Error if the bundle lacks a file */
function named(files: readonly BundledFile[], names: readonly string[]): readonly BundledFile[] {
  return names.map((name) => {
    const file = files.find(({ path }) => path === `modelwhisk/adapter/${name}`);
    if (file === undefined) throw new Error(`the bundle holds no ${name}`);
    return file;
  });
}

function sizes(files: readonly BundledFile[]): Row {
  const all = Buffer.concat(files.map(({ bytes }) => bytes));
  return [kilobytes(all.length), kilobytes(gzipSync(all).length)];
}

function kilobytes(bytes: number): string {
  return (bytes / 1000).toFixed(1);
}
