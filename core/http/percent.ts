/** Percent-encodes every byte of the text in UTF-8 (RFC 3986, section 2.1). A lone surrogate counts as U+FFFD. */
export function percentEncoded(text: string): string {
  return Buffer.from(text).toString('hex').toUpperCase().replaceAll(/../g, '%$&');
}

/** encodeURIComponent for any text, also for one with a lone surrogate, for which that throws. */
export function encodedComponent(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString());
}
