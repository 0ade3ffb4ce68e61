/**
 * Decodes UTF-8 as Java's String constructor does, and so the controller: whatever is not UTF-8 becomes U+FFFD,
 * one for an encoded surrogate, whole or cut off, where the WHATWG rules, and so Node, give one a byte.
 */
export function decodeText(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!buffer.includes(0xed)) return buffer.toString('utf8');
  const repaired = buffer.toString('latin1').replaceAll(/\xed[\xa0-\xbf][\x80-\xbf]?/g, '\xef\xbf\xbd');
  return Buffer.from(repaired, 'latin1').toString('utf8');
}

/**
 * Decodes base64 as java.util.Base64's basic decoder does: standard alphabet, no white space, padding optional but
 * right where there is any. Undefined when the text is not such base64.
 */
export function decodeBase64(text: string): Buffer | undefined {
  const [, data, padding] = /^([A-Za-z0-9+/]*)(={0,2})$/.exec(text) ?? [];
  if (data === undefined || padding === undefined) return undefined;
  const expectedPadding = [0, undefined, 2, 1][data.length % 4];
  if (expectedPadding === undefined) return undefined;
  if (padding.length !== 0 && padding.length !== expectedPadding) return undefined;
  return Buffer.from(data, 'base64');
}

/** The text as ISO 8859-1 can hold it, in which header values travel; what does not fit becomes "?". */
export function toLatin1(text: string): string {
  return text.replaceAll(/[^\0-\u{ff}]/gu, '?');
}
