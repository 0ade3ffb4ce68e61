import { resolveDots } from './dot-segments.ts';
import { Refusal } from './refusal.ts';
import { decodePercent, encodePercent } from './percent.ts';

/** The parts of a request target, as pekko-http renders them. */
export interface RequestTarget {
  /** Percent-encoding normalised, dot segments resolved, "//" kept; "" for the target "*". */
  readonly path: string;
  /** As received, without the "?". Undefined if the target has no "?". */
  readonly query: string | undefined;
}

/**
 * Reads a request target by pekko-http's strict rules (UriParser.scala, `request-target`).
 * Throws Refusal 400 or 414 with pekko-http's message.
 * @param target one character per byte
 * @param limit longest target, in bytes
 */
export function parseTarget(target: string, limit: number): RequestTarget {
  if (target.length > limit) throw new Refusal(414, `URI length exceeds the configured limit of ${limit} characters`);
  const [, authority, origin] = absoluteForm.exec(target) ?? [];
  const offset = authority === undefined ? 0 : target.length - (origin ?? '').length;
  checkTarget(target, offset);
  const [path = '', ...query] = target.slice(offset).split('?');
  return { path: normalizePath(path), query: query.length === 0 ? undefined : query.join('?') };
}

/** The host and port of a target in absolute form. Undefined for a target in origin form, which starts with "/". */
export function targetAuthority(target: string): string | undefined {
  return absoluteForm.exec(target)?.[1];
}

const absoluteForm = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?]*)(.*)$/s;

/** A path as pekko-http renders it. */
function normalizePath(path: string): string {
  if (!path.startsWith('/')) return '';
  const tokens = path.split(/(\/)/).filter((token) => token !== '');
  return resolveDots(tokens.map((token) => (token === '/' ? token : normalizeSegment(token)))).join('');
}

function normalizeSegment(segment: string): string {
  return encodePercent(decodePercent(segment), pathCharacter);
}

/** RFC 3986 pchar, without the percent sign. */
const pathCharacter = /[A-Za-z0-9\-._~!$&'()*+,;=@:]/;
const queryCharacter = /[A-Za-z0-9\-._~!$&'()*+,;=@:/?]/;

function checkTarget(target: string, offset: number): void {
  let isQuery = false;
  for (let index = offset; index < target.length; index += 1) {
    const character = target.charAt(index);
    if (character === '%') {
      checkHexDigit(target, index + 1);
      checkHexDigit(target, index + 2);
      index += 2;
    } else if (!isQuery && character === '?') {
      isQuery = true;
    } else if (!(isQuery ? queryCharacter : pathOrSlash).test(character)) {
      throw illegal(target, index, expectation(target.charAt(index - 1), isQuery));
    }
  }
}

const pathOrSlash = /[A-Za-z0-9\-._~!$&'()*+,;=@:/]/;

function expectation(previous: string, isQuery: boolean): string {
  if (isQuery) return previous === '?' ? "rawQueryString or 'EOI'" : "query-char, pct-encoded or 'EOI'";
  return `${previous === '/' ? 'segment' : 'pchar'}, '/', '?' or 'EOI'`;
}

function checkHexDigit(target: string, index: number): void {
  if (!/[0-9A-Fa-f]/.test(target.charAt(index))) throw illegal(target, index, 'HEXDIG');
}

function illegal(target: string, index: number, expected: string): Refusal {
  const problem = index < target.length ? `Invalid input '${target.charAt(index)}'` : 'Unexpected end of input';
  return new Refusal(400, `Illegal request-target: ${problem}, expected ${expected} (line 1, column ${index + 1})`);
}
