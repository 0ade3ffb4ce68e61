import { Scanner } from './scanner.ts';

/** Cookie: the well-formed pairs, without their quotes. Undefined if there are no such pairs. */
export function renderCookie(value: string): string | undefined {
  const pairs = value.split(/;[ \t]*/).map(renderPair);
  const valid = pairs.filter((pair) => pair !== undefined);
  return valid.length === 0 ? undefined : valid.join('; ');
}

/** Set-Cookie, which has no meaning in a request. pekko-http reads it only if it is a pair without attributes. */
export function renderSetCookie(value: string): string | undefined {
  return renderPair(value);
}

function renderPair(text: string): string | undefined {
  const scanner = new Scanner(text);
  const name = scanner.token();
  if (name === undefined || !scanner.skip('=')) return undefined;
  const [, quoted, plain] = scanner.take(cookieValue) ?? [];
  return scanner.isAtEnd ? `${name}=${quoted ?? plain ?? ''}` : undefined;
}

/** RFC 6265 cookie-octets. */
const octet = String.raw`[!#-+\--:<-[\]-~]`;
const cookieValue = new RegExp(String.raw`(?:"(${octet}*)"|(${octet}*))[ \t]*`, 'y');
