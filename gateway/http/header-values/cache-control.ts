import { quoteUnlessToken, type Scanner } from './scanner.ts';
import { renderList } from './token-lists.ts';
import { renderSeconds } from './numbers.ts';

export function renderCacheControl(value: string): string | undefined {
  return renderList(value, directive) || undefined;
}

/** Tries the names in pekko-http's order. A longer name that starts with a known one is therefore not recognised. */
function directive(scanner: Scanner): string | undefined {
  const word = scanner.take(/no-store|no-transform/y)?.[0];
  if (word !== undefined) return word;
  const [, name, seconds] = scanner.take(/(max-age|max-stale|min-fresh)=(\d+)[ \t]*/y) ?? [];
  if (name !== undefined && seconds !== undefined) return `${name}=${renderSeconds(seconds) ?? ''}`;
  const stale = scanner.take(/max-stale(?:[ \t]*(?==))?/y)?.[0];
  if (stale !== undefined) return stale.trim();
  const simple = scanner.take(/only-if-cached|public/y)?.[0];
  if (simple !== undefined) return simple;
  const named = scanner.take(/private|no-cache/y)?.[0];
  if (named !== undefined) return named + fieldNames(scanner);
  const rest = scanner.take(/must-revalidate|proxy-revalidate/y)?.[0];
  if (rest !== undefined) return rest;
  const [, shared] = scanner.take(/s-maxage=(\d+)[ \t]*/y) ?? [];
  if (shared !== undefined) return `s-maxage=${renderSeconds(shared) ?? ''}`;
  return scanner.take(/immutable/y)?.[0] ?? extension(scanner);
}

function extension(scanner: Scanner): string | undefined {
  const name = scanner.token();
  const value = scanner.attempt(() => (scanner.skip('=') ? scanner.word() : undefined));
  return value === undefined ? name : `${name}=${quoteUnlessToken(value)}`;
}

/** `="a, b"` or `=a`, written with quotes. "" if no field names follow. */
function fieldNames(scanner: Scanner): string {
  const names = scanner.attempt(() => {
    if (!scanner.skip('=')) return undefined;
    const [, quoted, plain] = scanner.take(/"([^"\\]*)"|([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*/y) ?? [];
    return quoted === undefined ? plain : quoted.split(/,[ \t]*/).join(',');
  });
  return names === undefined ? '' : `="${names}"`;
}
