/**
 * spray-json's message for malformed JSON. For input in bytes, the index counts bytes, but the line is found by
 * characters (JsonParser.scala, `fail` and `getLine`).
 * @param at index of the malformed part
 * @param found index of the unexpected character
 */
export function failureMessage(
  text: string,
  input: string | Uint8Array,
  { expected, at, found }: { expected: string; at: number; found: number },
): string {
  const index = typeof input === 'string' ? at : Buffer.byteLength(text.slice(0, at));
  const before = text.slice(0, index);
  const lineStart = before.lastIndexOf('\n') + 1;
  const line = before.split('\n').length;
  const column = index - lineStart + 1;
  const [lineText = ''] = text.slice(lineStart).split('\n', 1);
  const unexpected = found < text.length ? `character '${shown(foundCharacter(text, input, found))}'` : 'end-of-input';
  return (
    `Unexpected ${unexpected} at input index ${index} (line ${line}, position ${column}), expected ${expected}:\n` +
    `${lineText.replaceAll(controlCharacters, '?')}\n${' '.repeat(column - 1)}^\n`
  );
}

/** Outside strings spray-json reads single bytes. */
function foundCharacter(text: string, input: string | Uint8Array, at: number): string {
  const character = text[at] ?? '';
  if (typeof input === 'string' || character < '\u0080') return character;
  return String.fromCharCode(input[Buffer.byteLength(text.slice(0, at))] ?? 0);
}

function shown(character: string): string {
  return character.replaceAll(
    controlCharacters,
    (control) => String.raw`\u` + control.charCodeAt(0).toString(16).padStart(4, '0'),
  );
}

// oxlint-disable-next-line no-control-regex
const controlCharacters = /[\u0000-\u001f\u007f-\u009f]/g;
