/**
 * The URL that the text is, or that it is to `base`, from which it was redirected to.
 * Throws CallerError when it is none, neither http nor https, or holds credentials.
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

/** The last segment of the path, where it has an extension. */
export function filenameOf(url: URL): string | undefined {
  const segment = url.pathname.slice(url.pathname.lastIndexOf('/') + 1);
  try {
    const name = decodeURIComponent(segment);
    return /^[^/\\]+\.\w+$/.test(name) ? name : undefined;
  } catch {
    return undefined;
  }
}

/** A URL fit for messages: without credentials, query and fragment, which may be secret. */
export function redacted(url: URL | string): string {
  const text = typeof url === 'string' ? url : url.href;
  const shown = text.replace(/[?#].*$/s, '?…').replace(/^(\w+:\/*)[^/]*@/, '$1');
  return shown.length > 200 ? `${shown.slice(0, 200)}…` : shown;
}

function parseUrl(text: string, base?: URL): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}
import { CallerError } from '../errors.ts';
