import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

/** The smallest PNG: one transparent pixel. */
export const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);

/** 100 samples of 16-bit mono PCM at 8 kHz. */
export const wav = makeWav(100);

/** 5 MB of incompressible bytes. */
export const fiveMegabytes = Buffer.concat(
  Array.from({ length: 163_840 }, (_, index) => createHash('sha256').update(String(index)).digest()),
);

export const boundary = '------------------------b7f1a3';
export const multipart = Buffer.concat([
  Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="image"; filename="ä \\"1\\".png"\r\n`),
  Buffer.from('Content-Type: image/png\r\n\r\n'),
  png,
  Buffer.from(
    `\r\n--${boundary}\r\nContent-Disposition: form-data; name="threshold"\r\n\r\n0.5\r\n--${boundary}--\r\n`,
  ),
]);

export const gzipped = gzipSync('compressed by the model server');

function makeWav(samples: number): Buffer {
  const bytes = Buffer.alloc(44 + samples * 2);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(36 + samples * 2, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(8000, 24);
  bytes.writeUInt32LE(16_000, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(samples * 2, 40);
  for (let index = 0; index < samples; index += 1) {
    bytes.writeInt16LE(Math.round(Math.sin(index / 3) * 30_000), 44 + index * 2);
  }
  return bytes;
}
