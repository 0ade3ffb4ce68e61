/**
 * Decodes UTF-8 as Java's String constructor does. Invalid bytes become U+FFFD. An encoded surrogate, whole or cut
 * off, becomes one U+FFFD; Node follows the WHATWG rules and writes one per byte.
 */
export function decodeText(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!buffer.includes(0xed)) return buffer.toString('utf8');
  const repaired = buffer.toString('latin1').replaceAll(/\xed[\xa0-\xbf][\x80-\xbf]?/g, '\xef\xbf\xbd');
  return Buffer.from(repaired, 'latin1').toString('utf8');
}

/** Encodes UTF-8 as Java's String.getBytes does: a lone surrogate becomes "?". */
export function encodeText(text: string): Buffer {
  return Buffer.from(text.replaceAll(/\p{Surrogate}/gu, '?'));
}

/**
 * Decodes base64 as java.util.Base64's basic decoder does: standard alphabet, no white space, padding optional but
 * correct. Undefined if the text is not such base64.
 */
export function decodeBase64(text: string): Buffer | undefined {
  const [, data, padding] = /^([A-Za-z0-9+/]*)(={0,2})$/.exec(text) ?? [];
  if (data === undefined || padding === undefined) return undefined;
  const expectedPadding = [0, undefined, 2, 1][data.length % 4];
  if (expectedPadding === undefined) return undefined;
  if (padding.length !== 0 && padding.length !== expectedPadding) return undefined;
  return Buffer.from(data, 'base64');
}

/** The low byte of each UTF-16 code unit. pekko-http writes headers this way. */
export function toLatin1(text: string): string {
  return text.replaceAll(/[\u0100-\uffff]/g, (unit) => String.fromCharCode(unit.charCodeAt(0) & 0xff));
}
