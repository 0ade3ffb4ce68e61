/** Resolves "." and ".." (RFC 3986, section 5.2.4) in a path that is split into slashes and encoded segments. */
export function resolveDots(tokens: readonly string[]): string[] {
  const output: string[] = [];
  for (let index = 0; index < tokens.length; index += 1) {
    const [token = '', segment] = tokens.slice(index, index + 2);
    if (token === '/' && (segment === '.' || segment === '..')) {
      if (segment === '..' && output.length > 0 && output.at(-1) !== '/') output.splice(-2);
      // A dot segment at the end becomes a slash.
      if (index + 2 >= tokens.length) output.push('/');
      index += 1;
    } else {
      output.push(token);
    }
  }
  return output;
}
