import { isUtf8 } from 'node:buffer';
import { Refusal } from './refusal.ts';
import type { Header } from './message.ts';

/**
 * The header lines of a request as pekko-http reads them: UTF-8, tabs become spaces, values are trimmed.
 * Throws Refusal with pekko-http's message (HttpHeaderParser.scala) for a line that it rejects.
 *
 * In pekko-http an incomplete UTF-8 sequence also takes the bytes after it, even a line break, so that the next line
 * becomes part of the value. Node has split the lines already, so they are joined again, with a space after each colon.
 * @param rawHeaders Node's `rawHeaders`: names and values in turn, one character per byte
 */
export function readHeaderLines(rawHeaders: readonly string[]): Header[] {
  const lines: Header[] = [];
  let text = '';
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    text += `${rawHeaders[index] ?? ''}: ${rawHeaders[index + 1] ?? ''}\r\n`;
  }
  const block = Buffer.from(text, 'latin1');
  for (let position = 0; position < block.length;) {
    const colon = block.indexOf(':', position);
    const name = block.toString('latin1', position, colon);
    if (name.length > maximumName) throw tooLarge(`name exceeds the configured limit of ${maximumName}`);
    const { value, end } = scanValue(block, colon + 1);
    if (end - colon - 4 > maximumValue && name.toLowerCase() !== 'content-length') {
      throw tooLarge(`value exceeds the configured limit of ${maximumValue}`);
    }
    lines.push([name, value.trim()]);
    position = end;
  }
  return lines;
}

/** pekko.http.server.parsing.max-header-name-length and max-header-value-length. */
const maximumName = 64;
const maximumValue = 8192;

function tooLarge(problem: string): Refusal {
  return new Refusal(431, `HTTP header ${problem} characters`);
}

function scanValue(block: Buffer, start: number): { readonly value: string; readonly end: number } {
  const lineEnd = block.indexOf('\r\n', start);
  const line = block.toString('latin1', start, lineEnd);
  if (/^[ -~]*$/.test(line)) return { value: line, end: lineEnd + 2 };
  let value = '';
  // Until it has decoded a sequence, pekko-http turns bytes into characters by sign extension.
  let isDecoded = false;
  let index = start;
  while (index < block.length && lineBreak(block, index) === 0) {
    const sequence = block.subarray(index, index + sequenceLength(block[index] ?? 0));
    if (sequence[0] === 0x09) value += ' ';
    else if (isUtf8(sequence)) value += sequence.toString('utf8');
    else value += isDecoded ? sequence.toString('latin1') : signExtended(sequence);
    isDecoded ||= sequence[0] === 0x09 || (sequence.length > 1 && isUtf8(sequence));
    index += sequence.length;
  }
  return { value, end: index + lineBreak(block, index) };
}

/** The length of the line break at `index`; 0 if there is no line break. */
function lineBreak(block: Buffer, index: number): number {
  if (block[index] === 0x0a) return 1;
  return block[index] === 0x0d && block[index + 1] === 0x0a ? 2 : 0;
}

function sequenceLength(byte: number): number {
  if (byte >= 0xf0 && byte < 0xf8) return 4;
  if (byte >= 0xe0 && byte < 0xf0) return 3;
  if (byte >= 0xc0 && byte < 0xe0) return 2;
  if (byte === 0x09 || (byte >= 0x20 && byte < 0x80)) return 1;
  const isControl = byte < 0x20 || byte < 0xa0;
  const shown = isControl ? String.raw`\u` + byte.toString(16).padStart(4, '0') : String.fromCharCode(byte);
  throw new Refusal(400, `Illegal character '${shown}' in header value`);
}

function signExtended(sequence: Buffer): string {
  return Array.from(sequence, (byte) => String.fromCharCode(byte < 0x80 ? byte : byte | 0xff00)).join('');
}
