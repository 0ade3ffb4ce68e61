import * as z from 'zod';

import { RegistryError } from './errors.ts';
import { parseJson } from './json.ts';
import { parseManifest, type ImageManifest } from './manifest.ts';
import { docker, oci } from './media-types.ts';
import { manifestName, parseReference, type Reference } from '../../core/reference.ts';
import type { Registries } from './registries.ts';
import type { Repository } from './repository.ts';
import { selectPlatform } from './select-platform.ts';

/** A single-platform image as read from a registry: manifest and configuration, no layers. */
export interface Image {
  /** Digest of the platform's manifest, never of an index. */
  readonly digest: string;
  /** Digest of what the reference stands for: the index, where there is one; undefined for an image of no registry. */
  readonly referenceDigest: string | undefined;
  readonly mediaType: string;
  readonly manifest: ImageManifest;
  /** The configuration's JSON, with every field. */
  readonly config: ImageConfig;
}

const imageConfig = z.looseObject({
  os: z.string(),
  architecture: z.string(),
  variant: z.string().nullish(),
  rootfs: z.looseObject({ diff_ids: z.array(z.string()) }),
  created: z.string().optional(),
  config: z.record(z.string(), z.unknown()).nullish(),
  history: z.array(z.looseObject({ empty_layer: z.boolean().optional() })).nullish(),
});
export type ImageConfig = z.infer<typeof imageConfig>;

/** Where an image can be read: a repository, or something like one. */
export type ImageSource = Pick<Repository, 'fullName' | 'readManifest' | 'readBlob'>;

/** Reads an image by its reference as a user writes it; see readImage. */
export async function readNamedImage(
  registries: Registries,
  name: string,
  { platform, signal }: { readonly platform: string | undefined; readonly signal: AbortSignal },
): Promise<Image> {
  const reference = parseReference(name);
  return readImage(registries.openForPull(reference, signal), reference, platform);
}

/**
 * Reads an image's manifest, choosing `platform` ("linux/amd64"; undefined for the only one) from an index, and its
 * configuration, both verified
 * by digest. Two requests, or three with an index; Docker Hub counts each manifest read as a pull.
 * Throws RegistryError REGISTRY_UNSUPPORTED for an image that cannot be a base.
 */
export async function readImage(
  source: ImageSource,
  reference: Pick<Reference, 'tag' | 'digest'>,
  platform: string | undefined,
): Promise<Image> {
  const name = `${source.fullName}${reference.tag === undefined ? '' : `:${reference.tag}`}`;
  let raw = await source.readManifest(manifestName(reference));
  const referenceDigest = raw.digest;
  let parsed = parseManifest(raw, name);
  if (parsed.kind === 'index') {
    raw = await source.readManifest(selectPlatform(parsed.index, platform, name).digest);
    parsed = parseManifest(raw, name);
  }
  if (parsed.kind === 'index') throw unsupported(name, 'is an index of indexes');
  const { mediaType, manifest } = parsed;
  if (manifest.config.mediaType !== docker.config && manifest.config.mediaType !== oci.config) {
    throw unsupported(name, `is not a container image but an artifact of type ${manifest.config.mediaType}`);
  }
  if (manifest.config.size > configLimit)
    throw unsupported(name, `has a configuration of ${manifest.config.size} bytes`);
  const config = parseImageConfig(await source.readBlob(manifest.config), name, platform);
  const [layers, diffIds] = [manifest.layers.length, config.rootfs.diff_ids.length];
  if (layers !== diffIds)
    throw unsupported(name, `contradicts itself: ${layers} layers, but ${diffIds} in its configuration`);
  return { digest: raw.digest, referenceDigest, mediaType, manifest, config };
}

/** The platform of an image, for example "linux/amd64" or "linux/arm/v7". */
export function platformOf({ os, architecture, variant }: ImageConfig): string {
  return [os, architecture, variant].filter(Boolean).join('/');
}

/**
 * Reads an image's configuration.
 *
 * @param name for messages
 * @throws RegistryError REGISTRY_UNSUPPORTED if it is not one, or is for another platform
 */
export function parseImageConfig(bytes: Buffer, name: string, platform: string | undefined): ImageConfig {
  const { data, success } = imageConfig.safeParse(parseJson(bytes.toString('utf8')));
  if (!success) throw unsupported(name, 'has a configuration without os, architecture or rootfs.diff_ids');
  if (data.os !== 'linux') throw unsupported(name, `is built for ${data.os}; the adapter runs on Linux only`);
  if (platform === undefined) return data;
  const [os, architecture] = platform.split('/');
  if (data.os === os && data.architecture === architecture) return data;
  const built = `${data.os}/${data.architecture}`;
  throw unsupported(name, `is built for ${built}, not for ${platform}`, 'choose another --platform');
}

/** Docker itself stops at 8 MiB. */
const configLimit = 8 * 1024 * 1024;

function unsupported(name: string, problem: string, hint?: string): RegistryError {
  return new RegistryError('REGISTRY_UNSUPPORTED', `${name} ${problem}`, hint === undefined ? {} : { hint });
}
