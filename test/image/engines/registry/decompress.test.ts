import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';

import { expect, test } from 'vitest';

import { decompressor } from '../../../../image/engines/registry/decompress.ts';
import { docker, oci } from '../../../../image/registry/media-types.ts';

const text = Buffer.from('a layer '.repeat(5000));

/** A frame of zstd with one block, not compressed (RFC 8878 section 3.1.1). */
function zstdOf(bytes: Buffer): Buffer {
  const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0]);
  head.writeUInt32LE(bytes.length, 5);
  const block = Buffer.alloc(4);
  block.writeUInt32LE((bytes.length << 3) | 1);
  return Buffer.concat([head, block.subarray(0, 3), bytes]);
}

test.each([
  [docker.layer, gzipSync(text)],
  [oci.layer, gzipSync(text)],
  ['application/vnd.oci.image.layer.v1.tar+zstd', zstdOf(text)],
  ['application/vnd.docker.image.rootfs.diff.tar.zstd', zstdOf(text)],
  ['application/vnd.oci.image.layer.v1.tar', text],
])('%s is unpacked', async (mediaType, bytes) => {
  const halves = [bytes.subarray(0, 7), bytes.subarray(7)];
  expect(await buffer(Readable.from(halves).pipe(decompressor(mediaType)))).toEqual(text);
});

test('zstd that is damaged fails', async () => {
  const unpacked = Readable.from([Buffer.from('(\xb5/\xfd damaged', 'latin1')]).pipe(
    decompressor('application/vnd.oci.image.layer.v1.tar+zstd'),
  );
  await expect(buffer(unpacked)).rejects.toThrow(/zstd|invalid|reserved|EOF/i);
});

test('a kind that is not known is refused', () => {
  expect(() => decompressor('application/vnd.oci.image.layer.v1.tar+bzip2')).toThrow('a layer is of type');
});
