import type { Readable } from 'node:stream';
import type { Image, ImageConfig } from '../../registry/image.ts';

/** An image to be verified, wherever it is kept. */
export interface StoredImage {
  /** As its user named it. */
  readonly name: string;
  /** Undefined where there is none, as in an archive. */
  readonly manifest: Pick<Image, 'digest' | 'mediaType' | 'manifest'> | undefined;
  readonly config: ImageConfig;
  /** Bottom one first. */
  readonly layers: readonly StoredLayer[];
  /**
   * Whether a layer must be read even if its digest is right. Clients of a registry compare each blob with its digest,
   * but nothing does that for a file that is named by its digest.
   */
  readonly mustBeRead: boolean;
  /** Calls `visit` with the bytes of layers as they are stored, each once, one after the other in any order. */
  readonly read: (keys: readonly string[], visit: (key: string, bytes: Readable) => Promise<void>) => Promise<void>;
}

export interface StoredLayer {
  /** Two layers of one key are one. */
  readonly key: string;
  /** Digest that it is said to have as it is stored; undefined where nothing is said. */
  readonly digest: string | undefined;
  /** Whether its bytes are kept here. Layers that may not be distributed are kept elsewhere. */
  readonly isHere: boolean;
}
