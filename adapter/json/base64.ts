/**
 * Base64 between bytes and bytes. Buffer has no such thing: it goes through a string of the whole, which for an image
 * costs several times what the work itself does (a megabyte lies outside V8's young generation). Pieces that stay in
 * the processor's cache do not.
 */

/** Longest piece in characters of base64; a multiple of four. */
const piece = 16_384;

/**
 * The bytes that this base64 stands for, the same as Buffer.from(text, 'base64'); undefined where the text is not base64
 * and nothing else, in whole groups of four (the URL-safe alphabet is taken, too).
 *
 * @param text ASCII, in however many parts
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
      // Fewer than were due: characters outside of the alphabet are passed over in silence.
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

/** Length of the base64 of so many bytes. */
export function base64Length(bytes: number): number {
  return Math.ceil(bytes / 3) * 4;
}

/** Writes the base64 of these bytes into the target; returns the position after it. */
export function writeBase64(bytes: Buffer, target: Buffer, position: number): number {
  const step = (piece / 4) * 3;
  let end = position;
  for (let start = 0; start < bytes.length; start += step) {
    end += target.write(bytes.toString('base64', start, start + step), end, 'latin1');
  }
  return end;
}
