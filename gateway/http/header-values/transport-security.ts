import { renderSeconds } from './numbers.ts';
import { Scanner } from './scanner.ts';

/** Strict-Transport-Security: one max-age and at most one includeSubDomains. Other directives are dropped. */
export function renderTransportSecurity(value: string): string | undefined {
  const scanner = new Scanner(value);
  const directives = scanner.list(() => directive(scanner), ';');
  scanner.take(/(?:;[ \t]*)*/y);
  const ages = directives.filter((each) => each.startsWith('max-age='));
  const subdomains = directives.filter((each) => each === 'includeSubDomains');
  if (!scanner.isAtEnd || ages.length !== 1 || subdomains.length > 1) return undefined;
  return [...ages, ...subdomains].join('; ');
}

function directive(scanner: Scanner): string | undefined {
  if (scanner.take(/includesubdomains/iy) !== undefined) return 'includeSubDomains';
  const seconds = scanner.take(/max-age=(\d+)[ \t]*/iy)?.[1];
  if (seconds !== undefined) return `max-age=${renderSeconds(seconds) ?? ''}`;
  const other = scanner.token();
  scanner.attempt(() => (scanner.skip('=') ? scanner.word() : undefined));
  return other === undefined ? undefined : '';
}
