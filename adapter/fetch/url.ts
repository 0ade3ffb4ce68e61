/**
 * Parses a URL from a caller, or a redirect's target, which may be relative to `base`.
 * Throws CallerError if it is malformed, neither http nor https, or contains credentials.
 */
export function fetchableUrl(text: string, base?: URL): URL {
  const url = parseUrl(text, base);
  if (url === undefined) {
    throw new CallerError(base === undefined ? 400 : 502, 'INPUT', `${JSON.stringify(redacted(text))} is not a URL`);
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new CallerError(
      base === undefined ? 400 : 403,
      'INPUT',
      `${redacted(url)} is neither an http nor an https URL`,
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw new CallerError(
      403,
      'INPUT',
      `${redacted(url)} was given with a user name or password in it, which is refused`,
    );
  }
  return url;
}

/** The last segment of the path, if it has an extension. */
export function filenameOf(url: URL): string | undefined {
  const segment = url.pathname.slice(url.pathname.lastIndexOf('/') + 1);
  try {
    const name = decodeURIComponent(segment);
    return /^[^/\\]+\.\w+$/.test(name) ? name : undefined;
  } catch {
    return undefined;
  }
}

/** A URL for messages: without credentials, query and fragment, which may be secret. At most 200 characters. */
export function redacted(url: URL | string): string {
  // The password of a malformed URL may contain any character.
  const shown = (typeof url === 'string' ? url.replace(/^(\w+:\/*)?.*@/s, '$1') : withoutCredentials(url)).replace(
    /[?#].*$/s,
    '?…',
  );
  return shown.length > 200 ? `${shown.slice(0, 200)}…` : shown;
}

function withoutCredentials(url: URL): string {
  return url.href.replace(/^(\w+:\/*)[^/]*@/, '$1');
}

function parseUrl(text: string, base?: URL): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}
import { CallerError } from '../errors.ts';
