import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageOutput } from '../../../../image/engines/image-output.ts';
import type { LayerBlob } from '../../../../image/engines/registry/wrap-image.ts';
import { parseImagePlace } from '../../../../image/engines/verify/image-place.ts';
import { readBase, withStoredImage } from '../../../../image/engines/verify/open-image.ts';
import type { NamedBase } from '../../../../image/engines/origin.ts';
import { verifyImage, type Verification } from '../../../../image/engines/verify/verify.ts';
import { wrapConfig } from '../../../../image/engines/wrap-config.ts';
import { docker as types } from '../../../../image/registry/media-types.ts';
import { requestFor, smallLayers, testEngine, testRegistries } from '../../registry/support/adapter.ts';
import { digestOf, pushBase, pushBlob, pushManifest } from '../../registry/support/base-images.ts';
import { startFakeRegistry } from '../../registry/support/fake-registry.ts';

export interface Config {
  config: Record<string, unknown> & { Env: string[]; Labels: Record<string, string> };
  rootfs: { diff_ids: string[] };
  [key: string]: unknown;
}

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

export interface Manifest {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly [key: string]: unknown;
}

/** An image that the registry engine made, and functions that make variants. */
export interface MadeImage {
  readonly host: string;
  readonly folder: string;
  /** The adapter's layers. */
  readonly layers: readonly LayerBlob[];
  readonly manifest: Manifest;
  readonly config: Config;
  /** Makes it again, into files. */
  readonly save: (output: ImageOutput) => Promise<void>;
  readonly blob: (digest: string) => Promise<Buffer>;
  /** Pushes a variant and returns its name. */
  readonly push: (changed: { config?: object; layers?: readonly Buffer[]; manifest?: object }) => Promise<string>;
  readonly verify: (place: string) => Promise<Verification>;
  readonly close: () => Promise<void>;
}

/** A registry with the bases `base/x` and `base/y`, which differ in their second layer, and `me/x` made of `base/x`. */
export async function makeImage(): Promise<MadeImage> {
  const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-verify-'));
  const registry = await startFakeRegistry();
  const { host } = registry;
  const layers = await smallLayers(10_000);
  for (const [name, second] of [
    ['x', 'two'],
    ['y', 'other'],
  ] as const)
    await pushBase(host, `base/${name}`, 'v1', { layers: ['one', second], config: { Cmd: ['/serve'], Env: ['A=b'] } });
  const engine = await testEngine({ layers, configure: wrapConfig });
  const request = requestFor(`${host}/base/x:v1`, `${host}/me/x:v1`);
  await engine.build(request);
  const get = async (path: string): Promise<Buffer> => {
    const response = await fetch(`http://${host}/v2/me/x/${path}`);
    return Buffer.from(await response.arrayBuffer());
  };
  const blob = async (digest: string): Promise<Buffer> => get(`blobs/${digest}`);
  const manifest = JSON.parse(String(await get('manifests/v1'))) as Manifest;
  const config = JSON.parse(String(await blob(manifest.config.digest))) as Config;
  let pushed = 0;
  return {
    host,
    folder,
    layers,
    manifest,
    config,
    save: async (output) => void (await engine.build({ ...request, push: false, output })),
    blob,
    async push(changed) {
      const bytes = Buffer.from(JSON.stringify(changed.config ?? config));
      const blobs = changed.layers ?? [];
      for (const each of [bytes, ...blobs]) await pushBlob(host, 'me/x', Buffer.from(each));
      const described = blobs.map((each) => ({ mediaType: types.layer, digest: digestOf(each), size: each.length }));
      const tag = `changed${pushed++}`;
      await pushManifest(host, 'me/x', tag, types.manifest, {
        ...manifest,
        config: { ...manifest.config, digest: digestOf(bytes), size: bytes.length },
        ...(changed.layers !== undefined && { layers: described }),
        ...changed.manifest,
      });
      return `${host}/me/x:${tag}`;
    },
    async verify(place) {
      const { signal } = new AbortController();
      const registries = testRegistries();
      const access = { registries, environment: {}, cacheFolder: folder, platform: 'linux/amd64', signal };
      const making = {
        platform: 'linux/amd64',
        layers,
        configure: wrapConfig,
        readBase: async (base: NamedBase) => readBase(base, access),
      };
      return withStoredImage(parseImagePlace(place), access, async (image) => verifyImage(image, making, signal));
    },
    async close() {
      await registry.close();
      await rm(folder, { recursive: true });
    },
  };
}
