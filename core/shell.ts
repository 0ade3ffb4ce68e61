/** A command as one line for a POSIX shell. The groups of words are joined. */
export function commandLine(...groups: readonly (readonly string[])[]): string {
  return groups.flat().map(quote).join(' ');
}

/** In single quotes, only a single quote needs escaping. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
