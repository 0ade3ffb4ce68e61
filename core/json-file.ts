import { messageOf } from './errors.ts';

/**
 * Parses the text of a JSON file. A byte order mark is skipped: some editors write one on Windows.
 *
 * @throws SyntaxError whose message is one line, whatever it quotes of the text
 */
export function parseJsonFile(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new SyntaxError(messageOf(cause).replaceAll(/\s+/g, ' '), { cause });
  }
}
