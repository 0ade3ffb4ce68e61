/**
 * The text of a body, byte order mark and all where it is UTF-8. Undefined where the bytes are invalid in this charset,
 * or the charset is unknown.
 *
 * @param charset of the body's type; UTF-8 where it names none
 */
export function decodeText(bytes: Uint8Array, charset: string | undefined): string | undefined {
  try {
    // To a TextDecoder "us-ascii" is another name for windows-1252.
    return new TextDecoder(isUtf8(charset) ? 'utf-8' : charset, { fatal: true, ignoreBOM: isUtf8(charset) }).decode(
      bytes,
    );
  } catch {
    return undefined;
  }
}

/** The same without a byte order mark, which is no part of what a document says. */
export function decodeDocument(bytes: Uint8Array, charset: string | undefined): string | undefined {
  return decodeText(bytes, charset)?.replace(/^\uFEFF/, '');
}

/** Whether text of this charset is UTF-8 on the wire, as text without a charset is taken to be. */
export function isUtf8(charset: string | undefined): boolean {
  return charset === undefined || /^(utf-?8|us-ascii)$/i.test(charset);
}

/** The Content-Type of the same text written as UTF-8, for platforms that write all text so. */
export function withUtf8(contentType: string): string {
  return `${contentType.replaceAll(/;\s*charset\s*=\s*("(?:[^"\\]|\\.)*"|[^;\s]*)/gi, '')}; charset=utf-8`;
}
