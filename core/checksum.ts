/**
 * A checksum of texts, in hexadecimal: FNV-1a, 32 bits, over UTF-16 code units. It detects accidental edits, but is not
 * secure. A secure hash would load Node's crypto module, which adds 6 ms to a cold start.
 */
export function checksum(...texts: readonly string[]): string {
  let hash = 0x811c9dc5;
  for (const text of texts) {
    for (let index = 0; index < text.length; index += 1) {
      // Math.imul works on code units as well as on bytes.
      // eslint-disable-next-line unicorn/prefer-code-point
      hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    }
    hash = Math.imul(hash ^ separator, 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** An environment variable cannot contain a NUL. */
const separator = 0;
