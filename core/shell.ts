/** A command as one line for a POSIX shell; its words may come in groups. */
export function commandLine(...groups: readonly (readonly string[])[]): string {
  return groups.flat().map(quote).join(' ');
}

/** Single quotes keep everything but a single quote. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
