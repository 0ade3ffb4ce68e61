import type { Readable } from 'node:stream';
import { messageOf } from '../../../core/errors.ts';
import { RegistryError, TransientError } from '../../registry/errors.ts';
import type { BlobOpener } from '../../registry/uploads.ts';
import { digestOfStream, readLayer, type LayerContents } from './layer-contents.ts';
import type { StoredImage, StoredLayer } from './stored-image.ts';
import { entryDifferences } from './tar-entries.ts';

/** An expected layer. */
export interface ExpectedLayer {
  /** Digest in its registry. "" for a base that is in no registry. */
  readonly digest: string;
  readonly diffId: string;
  /** Opens a layer of the adapter, which Docker packs again. Undefined for a layer of the base, which Docker keeps. */
  readonly open: BlobOpener | undefined;
}

export interface LayerComparison {
  /** One line for each layer that differs. */
  readonly differences: readonly string[];
  /** Whether a layer has the same files in another tar. */
  readonly repacked: boolean;
}

/**
 * Compares layers by the digest of their stored bytes, else by the digest of their tar. Layers of the adapter are
 * compared file by file if both differ. What an image says about a layer is never trusted.
 */
export async function compareLayers(
  image: StoredImage,
  expected: readonly ExpectedLayer[],
  signal: AbortSignal,
): Promise<LayerComparison> {
  const length = Math.max(image.layers.length, expected.length);
  const pairs: readonly Pair[] = Array.from({ length }, (_, index) => ({
    layer: image.layers[index],
    wanted: expected[index],
    said: image.config.rootfs.diff_ids[index],
  }));
  const found = await readLayers(image, pairs, signal);
  const results: Result[] = [];
  for (const pair of pairs) results.push(await comparePair(pair, found.get(pair.layer?.key ?? '')));
  return {
    differences: results.flatMap((result, index) =>
      typeof result === 'object' ? [`layer ${index + 1} ${result.difference}`] : [],
    ),
    repacked: results.includes('repacked'),
  };
}

interface Pair {
  readonly layer: StoredLayer | undefined;
  readonly wanted: ExpectedLayer | undefined;
  /** Digest of the layer's tar, as the image's configuration has it. */
  readonly said: string | undefined;
}

type Contents = LayerContents | { readonly problem: string };

async function readLayers(
  image: StoredImage,
  pairs: readonly Pair[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Contents>> {
  const ways = new Map<string, (bytes: Readable) => Promise<LayerContents>>();
  for (const { layer, wanted } of pairs) {
    if (layer === undefined || wanted === undefined) continue;
    if (layer.digest !== wanted.digest)
      ways.set(layer.key, async (bytes) => readLayer(bytes, { withEntries: wanted.open !== undefined }));
    else if (image.mustBeRead && layer.isHere) ways.set(layer.key, digestOfStream);
  }
  const found = new Map<string, Contents>();
  await image.read([...ways.keys()], async (key, bytes) => {
    signal.throwIfAborted();
    const contents = ways.get(key)?.(bytes).catch(problemOf);
    if (contents !== undefined) found.set(key, await contents);
  });
  signal.throwIfAborted();
  return found;
}

/** What is wrong with a layer's bytes. An error of the connection says nothing about them, and is thrown. */
function problemOf(error: unknown): { readonly problem: string } {
  if (error instanceof TransientError) throw error;
  if (error instanceof RegistryError && error.code !== 'REGISTRY_DIGEST') throw error;
  return { problem: messageOf(error) };
}

type Result = 'same' | 'repacked' | { readonly difference: string };

async function comparePair({ layer, wanted, said }: Pair, contents: Contents | undefined): Promise<Result> {
  const digest = layer?.digest ?? said ?? 'missing';
  const expected = wanted === undefined ? 'none' : layer?.digest === undefined ? wanted.diffId : wanted.digest;
  const differs = (why = ''): Result => ({ difference: `is ${digest}, expected ${expected}${why}` });
  if (layer === undefined || wanted === undefined) return differs();
  const unpacks = (to: string): Result => ({ difference: `is ${to} when unpacked; the configuration says ${said}` });
  const isSame = layer.digest === wanted.digest;
  if (contents === undefined && !isSame) return { difference: 'is not there' };
  if (contents !== undefined && 'problem' in contents) return { difference: `cannot be read: ${contents.problem}` };
  if (layer.digest !== undefined && contents !== undefined && contents.digest !== layer.digest) {
    return { difference: `has other bytes than its digest ${layer.digest} says: theirs is ${contents.digest}` };
  }
  const diffId = isSame || contents === undefined ? wanted.diffId : contents.diffId;
  if (diffId !== said) return unpacks(diffId);
  if (diffId === wanted.diffId || contents === undefined) return 'same';
  if (wanted.open === undefined) return differs();
  const own = await readLayer(await wanted.open(), { withEntries: true });
  const entries = entryDifferences(contents.entries, own.entries);
  if (entries.length === 0) return 'repacked';
  const more = entries.length > 5 ? `, and ${entries.length - 5} more` : '';
  return differs(`: ${entries.slice(0, 5).join(', ')}${more}`);
}
