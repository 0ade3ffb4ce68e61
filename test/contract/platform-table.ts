import { markdownTable } from '../../scripts/markdown-table.ts';
import { platformCases } from './platform-cases.ts';
import type { PlatformSuite } from './platform-suite.ts';

/**
 * The table of the contract suite: one line per way in which a platform calls the adapter, with the number of rules of
 * each kind ("9 of 10" with one exception) and the number of calls per model server.
 */
export function platformTable(suites: readonly PlatformSuite[]): string {
  return markdownTable(['through', ...Object.keys(platformCases({ largestBody: 0 })), 'calls'], suites.map(rowOf));
}

function rowOf({ name, limits }: PlatformSuite): readonly string[] {
  const kinds = Object.values(platformCases(limits)).map((rules) => Object.keys(rules));
  const counts = kinds.map((rules) => {
    const kept = rules.filter((rule) => !Object.hasOwn(limits.exceptions ?? {}, rule));
    return kept.length === rules.length ? String(kept.length) : `${kept.length} of ${rules.length}`;
  });
  return [name.replace(/,$/, '').replace(/^an? /, ''), ...counts, String(kinds.flat().length)];
}
