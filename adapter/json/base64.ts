/**
 * Base64 from bytes to bytes, in pieces that fit into the processor's cache. Buffer needs one string of the whole text,
 * which for an image takes several times as long (a megabyte lies outside V8's young generation).
 */

/** Length of a piece in base64 characters. A multiple of four. */
const piece = 16_384;

/**
 * Decodes base64 like Buffer.from(text, 'base64'), in the standard or the URL-safe alphabet. Undefined if the text has
 * other characters or an incomplete group of four.
 *
 * @param text ASCII, in any number of parts
 */
export function decodeBase64(text: readonly Buffer[]): Buffer | undefined {
  const length = text.reduce((sum, part) => sum + part.length, 0);
  if (length % 4 !== 0) return undefined;
  const bytes = Buffer.allocUnsafe((length / 4) * 3 - padding(text));
  let written = 0;
  let read = 0;
  let left = '';
  for (const part of text) {
    for (let start = 0; start < part.length; start += piece) {
      const characters = left + part.toString('latin1', start, start + piece);
      const whole = characters.length - (characters.length % 4);
      written += bytes.write(characters.slice(0, whole), written, 'base64');
      read += whole;
      // Buffer skips characters outside the alphabet, so fewer bytes show that there were some.
      if (written !== Math.min((read / 4) * 3, bytes.length)) return undefined;
      left = characters.slice(whole);
    }
  }
  return bytes;
}

function padding(text: readonly Buffer[]): number {
  const end = text
    .filter((part) => part.length > 0)
    .slice(-2)
    .map((part) => part.toString('latin1', Math.max(part.length - 2, 0)))
    .join('');
  return /=?=?$/.exec(end)?.[0].length ?? 0;
}

/** The length of the base64 of this number of bytes. */
export function base64Length(bytes: number): number {
  return Math.ceil(bytes / 3) * 4;
}

/** Writes the base64 of the bytes into the target. Returns the position after it. */
export function writeBase64(bytes: Buffer, target: Buffer, position: number): number {
  const step = (piece / 4) * 3;
  let end = position;
  for (let start = 0; start < bytes.length; start += step) {
    end += target.write(bytes.toString('base64', start, start + step), end, 'latin1');
  }
  return end;
}
