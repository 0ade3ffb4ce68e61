/**
 * Decodes a body. A UTF-8 byte order mark is kept. Undefined if the bytes are invalid in the charset, or the charset is
 * unknown.
 *
 * @param charset the charset of the body's type; default UTF-8
 */
export function decodeText(bytes: Uint8Array, charset: string | undefined): string | undefined {
  try {
    // TextDecoder treats "us-ascii" as windows-1252.
    return new TextDecoder(isUtf8(charset) ? 'utf-8' : charset, { fatal: true, ignoreBOM: isUtf8(charset) }).decode(
      bytes,
    );
  } catch {
    return undefined;
  }
}

/** Decodes a document, such as JSON. The byte order mark is dropped, because it is not part of the content. */
export function decodeDocument(bytes: Uint8Array, charset: string | undefined): string | undefined {
  return decodeText(bytes, charset)?.replace(/^\uFEFF/, '');
}

/** Whether text in this charset is valid UTF-8. The default charset is UTF-8. */
export function isUtf8(charset: string | undefined): boolean {
  return charset === undefined || /^(utf-?8|us-ascii)$/i.test(charset);
}

/** The Content-Type with the charset UTF-8, for platforms that encode all text as UTF-8. */
export function withUtf8(contentType: string): string {
  return `${contentType.replaceAll(/;\s*charset\s*=\s*("(?:[^"\\]|\\.)*"|[^;\s]*)/gi, '')}; charset=utf-8`;
}
