import * as z from 'zod';

import { modelRow } from '../../../core/row.ts';
import { asOci } from './as-oci.ts';
import { ociType } from '../../registry/media-types.ts';
import { wrapImage, type AssembledImage, type Configure, type LayerBlob } from './wrap-image.ts';
import { RegistryError } from '../../registry/errors.ts';
import { readNamedImage, type Image } from '../../registry/image.ts';
import { jsonDifferences } from './json-differences.ts';
import { parseJson } from '../../registry/json.ts';
import { parseReference } from '../../../core/reference.ts';
import type { Registries } from '../../registry/registries.ts';

export interface VerifyOptions {
  readonly platform: string;
  /** The adapter's layers as this checkout makes them, bottom one first. */
  readonly layers: readonly LayerBlob[];
  readonly configure: Configure;
  readonly signal: AbortSignal;
}

export interface Verification {
  /** Digest of the image as it is. */
  readonly digest: string;
  /** What its labels say it was made from. */
  readonly base: { readonly name: string; readonly digest: string };
  /** Digest of its adapter's layers, bottom one first. */
  readonly layers: readonly string[];
  /** What is not as it should be, a line each; empty for an image that is exactly its base and this adapter. */
  readonly differences: readonly string[];
}

/**
 * Makes an image once more from what its labels and environment say, without storing anything, and compares. Throws
 * RegistryError REGISTRY_UNSUPPORTED when the image says too little, or what reading it or its base ends in.
 *
 * @param name reference of the image
 */
export async function verifyImage(
  registries: Registries,
  name: string,
  { platform, layers, configure, signal }: VerifyOptions,
): Promise<Verification> {
  const read = async (text: string): Promise<Image> => readNamedImage(registries, text, { platform, signal });
  const image = await read(name);
  const { base: from, row } = readOrigin(image, name);
  const { registry, repository } = parseReference(from.name);
  const found = await read(`${registry}/${repository}@${from.digest}`);
  // One that came out of an OCI image layout has OCI's media types, whatever its base has.
  const base = image.mediaType === ociType(found.mediaType) ? asOci(found) : found;
  const expected = wrapImage(base, { name: from.name, row, layers, configure });
  return {
    digest: image.digest,
    base: from,
    layers: image.manifest.layers.slice(base.manifest.layers.length).map(({ digest }) => digest),
    differences: expected.digest === image.digest ? [] : differences(image, base, layers, expected),
  };
}

const runConfig = z.looseObject({
  Env: z.array(z.string()),
  Labels: z.looseObject({
    'org.opencontainers.image.base.name': z.string(),
    'org.opencontainers.image.base.digest': z.string(),
  }),
});

function readOrigin(image: Image, name: string): { base: Verification['base']; row: z.infer<typeof modelRow> } {
  const config = runConfig.safeParse(image.config.config);
  const variable = config.data?.Env.find((entry) => entry.startsWith('MODELWHISK_MODEL='));
  const row = modelRow.safeParse(parseJson(variable?.slice('MODELWHISK_MODEL='.length) ?? ''));
  if (!config.success || !row.success) {
    throw new RegistryError('REGISTRY_UNSUPPORTED', `${name} does not say what it was made from`, {
      hint: 'only images that modelwhisk made can be verified',
    });
  }
  const { Labels: labels } = config.data;
  const base = {
    name: labels['org.opencontainers.image.base.name'],
    digest: labels['org.opencontainers.image.base.digest'],
  };
  return { base, row: row.data };
}

function differences(image: Image, base: Image, layers: readonly LayerBlob[], made: AssembledImage): string[] {
  const actual = image.manifest.layers.map(({ digest }) => digest);
  const expected = [...base.manifest.layers, ...layers].map(({ digest }) => digest);
  const found = Array.from({ length: Math.max(actual.length, expected.length) }, (_, index) => index)
    .filter((index) => actual[index] !== expected[index])
    .map((index) => `layer ${index + 1} is ${actual[index] ?? 'missing'}, expected ${expected[index] ?? 'none'}`);
  if (found.length > 0) return found;
  const config = jsonDifferences(image.config, parseJson(made.config.bytes.toString('utf8')));
  return config.length > 0 ? config : ['layers and configuration are right, but the manifest is not'];
}
