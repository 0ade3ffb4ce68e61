import { Readable } from 'node:stream';

import type { TargetReference } from '../../../core/reference.ts';
import type { Content } from '../../registry/digest.ts';
import type { BlobOpener } from '../../registry/uploads.ts';
import type { AssembledImage } from './wrap-image.ts';

/** A blob that can be opened several times. */
export interface SavedBlob extends Content {
  readonly mediaType: string;
  /** Digest of the tar in it; "" for what is no layer. */
  readonly diffId: string;
  /** Rejects, or its stream fails, where the bytes are not those of the digest. */
  readonly open: BlobOpener;
}

/** An image with everything that belongs to it. */
export interface SavedImage {
  readonly image: AssembledImage;
  readonly name: TargetReference;
  readonly architecture: string;
  /** Bottom one first; those that may not be distributed are left out. */
  readonly layers: readonly SavedBlob[];
  /** Digests of the tars of all its layers. */
  readonly diffIds: readonly string[];
  /** Runs an operation, again if it fails temporarily. */
  readonly retry: <T>(operation: () => Promise<T>) => Promise<T>;
  readonly signal: AbortSignal;
}

/** The configuration as a blob among the others. */
export function configBlob({ config, configType }: AssembledImage): SavedBlob {
  return { ...config, mediaType: configType, diffId: '', open: () => Readable.from([config.bytes]) };
}
