import { decodeText } from '../../java-text.ts';
import { quoteUnlessToken, Scanner, sortedParameters } from './scanner.ts';

/** Authorization and Proxy-Authorization. Basic is decoded and encoded again, Bearer gets its case, others stay. */
export function renderCredentials(value: string): string | undefined {
  const scanner = new Scanner(value);
  const rendered = basic(scanner) ?? bearer(scanner) ?? otherCredentials(scanner);
  return scanner.isAtEnd ? rendered : undefined;
}

/** WWW-Authenticate and Proxy-Authenticate. */
export function renderChallenges(value: string): string | undefined {
  const scanner = new Scanner(value);
  const challenges = scanner.list(() => challenge(scanner));
  return scanner.isAtEnd && challenges.length > 0 ? challenges.join(', ') : undefined;
}

const token68 = String.raw`([A-Za-z0-9\-._~+/]+=*)[ \t]*`;
const basicPattern = new RegExp(String.raw`[Bb][Aa][Ss][Ii][Cc][ \t]*${token68}`, 'y');
const bearerPattern = new RegExp(String.raw`[Bb][Ee][Aa][Rr][Ee][Rr][ \t]*${token68}`, 'y');
const token68Pattern = new RegExp(token68, 'y');

function basic(scanner: Scanner): string | undefined {
  const given = scanner.take(basicPattern)?.[1];
  if (given === undefined) return undefined;
  const bytes = decodeLeniently(given);
  if (bytes === undefined) return undefined;
  const text = decodeText(bytes);
  return `Basic ${Buffer.from(text.includes(':') ? text : `${text}:`).toString('base64')}`;
}

function bearer(scanner: Scanner): string | undefined {
  const given = scanner.take(bearerPattern)?.[1];
  return given === undefined ? undefined : `Bearer ${given}`;
}

function otherCredentials(scanner: Scanner): string | undefined {
  const { scheme, token, parameters } = schemeAndParameters(scanner) ?? {};
  if (scheme === undefined || parameters === undefined) return undefined;
  if (token !== undefined) return `${scheme} ${token}`;
  const rendered = sortedParameters(parameters).map(([name, text]) => `${name}=${quoteUnlessToken(text)}`);
  return rendered.length === 0 ? scheme : `${scheme} ${rendered.join(',')}`;
}

function challenge(scanner: Scanner): string | undefined {
  const { scheme, token, parameters } = schemeAndParameters(scanner) ?? {};
  if (scheme === undefined || parameters === undefined) return undefined;
  const realm = parameters.find(([name]) => name.toLowerCase() === 'realm')?.[1];
  const others = sortedParameters(parameters.filter(([name]) => name.toLowerCase() !== 'realm'));
  const rendered = others.map(([name, text]) => `${name}=${quoteUnlessToken(text)}`);
  const quotedRealm = realm === undefined ? [] : [`realm="${realm.replaceAll(/["\\]/g, String.raw`\$&`)}"`];
  const rest = token === undefined ? [...quotedRealm, ...rendered].join(',') : token;
  return rest === '' ? scheme : `${scheme} ${rest}`;
}

interface Credentials {
  readonly scheme: string;
  readonly token: string | undefined;
  readonly parameters: readonly (readonly [string, string])[];
}

function schemeAndParameters(scanner: Scanner): Credentials | undefined {
  const scheme = scanner.token();
  if (scheme === undefined) return undefined;
  const parameters = scanner.list(() => scanner.parameter());
  const token = parameters.length === 0 ? scanner.take(token68Pattern)?.[1] : undefined;
  return { scheme, token, parameters };
}

/**
 * Decodes base64 as parboiled2's `decodeFast` does. It drops other characters at both ends; in the middle, they
 * corrupt the bytes around them. Undefined if the computed length is negative.
 */
function decodeLeniently(text: string): Buffer | undefined {
  const codes = Array.from(text, (character) => (character === '=' ? 0 : alphabet.indexOf(character)));
  let start = 0;
  let end = codes.length - 1;
  while (start < end && (codes[start] ?? 0) < 0) start += 1;
  while (end > 0 && (codes[end] ?? 0) < 0) end -= 1;
  const padding = text[end] === '=' ? (text[end - 1] === '=' ? 2 : 1) : 0;
  const length = (((end - start + 1) * 6) >> 3) - padding;
  if (length < 0) return undefined;
  const bytes = Buffer.alloc(length);
  const whole = Math.floor(length / 3) * 3;
  let index = start;
  for (let written = 0; written < length; written += 3) {
    const group = codes.slice(index, written < whole ? index + 4 : end - padding + 1);
    index += group.length;
    const bits = group.reduce((sum, code, place) => sum | (code << (18 - 6 * place)), 0);
    for (let byte = 0; byte < 3 && written + byte < length; byte += 1) {
      bytes[written + byte] = (bits >> (16 - 8 * byte)) & 0xff;
    }
  }
  return bytes;
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
