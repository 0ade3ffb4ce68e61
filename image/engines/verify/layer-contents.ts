import { createHash } from 'node:crypto';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { digestOf, hashing } from '../../hashing.ts';
import { ZstdDecompressor } from '../registry/decompress.ts';
import { readEntries, type TarEntry } from './tar-entries.ts';

/** What a layer was found to hold. */
export interface LayerContents {
  /** Digest of the bytes as they are stored. */
  readonly digest: string;
  /** Digest of the tar; "" where only the stored bytes were read. */
  readonly diffId: string;
  /** Only of layers of the adapter. */
  readonly entries: readonly TarEntry[];
}

/**
 * Reads a layer to its end. Its first bytes tell how it is compressed, as they do to Docker and containerd: its media
 * type may say something else.
 */
export async function readLayer(
  bytes: Readable,
  { withEntries }: { readonly withEntries: boolean },
): Promise<LayerContents> {
  const [stored, unpacked] = [createHash('sha256'), createHash('sha256')];
  const tar = hashing(unpacked, unpack(hashing(stored, bytes)));
  const entries = withEntries ? await readEntries(tar) : await drain(tar);
  return { digest: digestOf(stored), diffId: digestOf(unpacked), entries };
}

/** Reads only the bytes as they are stored. */
export async function digestOfStream(bytes: Readable): Promise<LayerContents> {
  const hash = createHash('sha256');
  const entries = await drain(hashing(hash, bytes));
  return { digest: digestOf(hash), diffId: '', entries };
}

type Bytes = AsyncIterable<Buffer>;

async function drain(bytes: Bytes): Promise<readonly []> {
  for await (const _chunk of bytes);
  return [];
}

async function* unpack(bytes: Bytes): AsyncGenerator<Buffer> {
  const source = bytes[Symbol.asyncIterator]();
  const { value: first = Buffer.alloc(0) } = (await source.next()) as IteratorResult<Buffer, undefined>;
  const all = async function* (): AsyncGenerator<Buffer> {
    yield first;
    yield* { [Symbol.asyncIterator]: () => source };
  };
  if (startsWith(first, '1f8b')) yield* pipeline(all, createGunzip(), () => undefined) as Bytes;
  else if (startsWith(first, '28b52ffd')) yield* pipeline(all, new ZstdDecompressor(), () => undefined) as Bytes;
  else yield* all();
}

function startsWith(bytes: Buffer, hex: string): boolean {
  return bytes.toString('hex', 0, hex.length / 2) === hex;
}
