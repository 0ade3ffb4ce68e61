import { quote, type Scanner } from './scanner.ts';
import { languageTag, renderList } from './token-lists.ts';
import { parseUriReference } from './uri.ts';

/** Link. Of a repeated parameter the first counts. Undefined if a parameter is unknown to pekko-http. */
export function renderLinks(value: string): string | undefined {
  return renderList(value, link);
}

function link(scanner: Scanner): string | undefined {
  const uri = parseUriReference(scanner.take(/<[ \t]*([!-=?-~]+)>[ \t]*/y)?.[1] ?? ' ');
  const parameters = scanner.many(() => (scanner.skip(';') ? linkParameter(scanner) : undefined));
  if (uri === undefined || parameters.length === 0) return undefined;
  const fragment = uri.fragment === undefined ? '' : `#${encodeURI(uri.fragment)}`;
  const names = parameters.map((parameter) => parameter.split('=', 1)[0] ?? '');
  const first = parameters.filter(
    (_, index) => !onlyOnce.has(names[index] ?? '') || names.indexOf(names[index] ?? '') === index,
  );
  return [`<${uri.text}${fragment}>`, ...first].join('; ');
}

const onlyOnce = new Set(['rel', 'media', 'title', 'title*', 'type']);

function linkParameter(scanner: Scanner): string | undefined {
  const name = scanner.take(/(rel|rev|media|title\*|title|hreflang)[ \t]*=[ \t]*/y)?.[1];
  if (name === undefined) return undefined;
  if (name === 'hreflang') return optional(name, languageTag(scanner));
  if (name === 'rel' || name === 'rev') {
    const [, quoted, plain] = scanner.take(/"[ \t]*([^"]+)"[ \t]*|([^";, ]+)[ \t]*/y) ?? [];
    return optional(name, quoted?.split(/ +/).join(' ') ?? plain);
  }
  const word = scanner.word();
  if (name === 'title') return word === undefined ? undefined : `title=${quote(word)}`;
  return optional(name, word);
}

function optional(name: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  return `${name}=${/[ ,;]/.test(value) ? `"${value}"` : value}`;
}
