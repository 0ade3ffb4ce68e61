import { isUtf8 } from 'node:buffer';

/** Decodes UTF-8 as spray-json does: an invalid sequence becomes one U+FFFD, as long as its first byte announces. */
export function decodeLeniently(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isUtf8(buffer)) return buffer.toString('utf8');
  let text = '';
  for (let index = 0; index < buffer.length;) {
    const length = announcedLength(buffer[index] ?? 0);
    const sequence = buffer.subarray(index, index + length);
    text += sequence.length === length && isUtf8(sequence) ? sequence.toString('utf8') : '\ufffd';
    index += length;
  }
  return text;
}

function announcedLength(byte: number): number {
  if (byte >= 0xc0 && byte < 0xe0) return 2;
  if (byte >= 0xe0 && byte < 0xf0) return 3;
  return byte >= 0xf0 && byte < 0xf8 ? 4 : 1;
}
