import { decodePercent, encodePercent } from './percent.ts';

/** Query parameters in order. `value` is undefined if there is no "=". */
export type QueryParameters = readonly (readonly [name: string, value: string | undefined])[];

/** The parameters of a well-formed query string or form. Empty for undefined and for "". */
export function parseQuery(rawQuery: string | undefined): QueryParameters {
  if (rawQuery === undefined || rawQuery === '') return [];
  return rawQuery.split('&').map((pair) => {
    const separator = pair.indexOf('=');
    if (separator === -1) return [decode(pair), undefined];
    return [decode(pair.slice(0, separator)), decode(pair.slice(separator + 1))];
  });
}

/** A query as pekko-http renders it: space as "+", percent-encoding normalised. */
export function renderQuery(parameters: QueryParameters): string {
  return parameters
    .map(([name, value]) => (value === undefined ? encode(name) : `${encode(name)}=${encode(value)}`))
    .join('&');
}

/**
 * The parameters of a URL-encoded form.
 * Throws SyntaxError with pekko-http's message for characters that must be encoded (UriParser.scala, `query`).
 */
export function parseForm(text: string): QueryParameters {
  const index = firstIllegal(text);
  if (index !== undefined) throw new SyntaxError(formProblem(text, index));
  return parseQuery(text);
}

function decode(text: string): string {
  return decodePercent(text.replaceAll('+', ' '));
}

function encode(text: string): string {
  return encodePercent(text, queryCharacter).replaceAll('%20', '+');
}

/** RFC 3986 query characters, except those with a meaning in a form. */
const queryCharacter = /[A-Za-z0-9\-._~!$'()*,@:/?]/;

/** The index of the first error. All visible ASCII characters except "#" are allowed; "%" needs two hex digits. */
function firstIllegal(text: string): number | undefined {
  const [legal = ''] = /^(?:[!"$&-~]|%[0-9A-Fa-f]{2})*/.exec(text) ?? [];
  if (legal.length === text.length) return undefined;
  const [percent = ''] = /^%[0-9A-Fa-f]?/.exec(text.slice(legal.length)) ?? [];
  return legal.length + percent.length;
}

function formProblem(text: string, index: number): string {
  const lineStart = text.lastIndexOf('\n', index - 1) + 1;
  const lineNumber = text.slice(0, index).split('\n').length;
  const [line = ''] = text.slice(lineStart).split('\n', 1);
  const column = index - lineStart + 1;
  const problem = index < text.length ? `Invalid input '${shown(text.charAt(index))}'` : 'Unexpected end of input';
  const pointer = `${' '.repeat(column - 1)}^`;
  return `Illegal query: ${problem}, expected ${expectation(text, index)} (line ${lineNumber}, column ${column}): ${line}\n${pointer}`;
}

/** The grammar rules that pekko-http names as expected. */
function expectation(text: string, index: number): string {
  const before = text.slice(0, index);
  if (/%[0-9A-Fa-f]?$/.test(before)) return 'HEXDIG';
  if (before === '') return "query or 'EOI'";
  if (before.endsWith('&')) return "keyValuePairsWithReversalAvoidance or 'EOI'";
  const pair = before.slice(before.lastIndexOf('&') + 1);
  if (!pair.includes('=')) return "'+', query-char, pct-encoded, '=', '&' or 'EOI'";
  return pair.endsWith('=') && pair.indexOf('=') === pair.length - 1
    ? "part, '&' or 'EOI'"
    : "'+', query-char, pct-encoded, '&' or 'EOI'";
}

function shown(character: string): string {
  // oxlint-disable-next-line no-control-regex
  return /[\u0000-\u001f\u007f-\u009f]/.test(character)
    ? (shortEscapes[character] ?? String.raw`\u` + character.charCodeAt(0).toString(16).padStart(4, '0'))
    : character;
}

const shortEscapes: Readonly<Record<string, string>> = {
  '\t': String.raw`\t`,
  '\r': String.raw`\r`,
  '\n': String.raw`\n`,
};
