import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { platformCases } from './platform-cases.ts';
import type { PlatformLimits } from './platform-suite.ts';

/**
 * A platform's line in the README's table of the contract suite: its name, for each kind of rule how many there are
 * ("9 of 10" where one is an exception), and how many calls that makes in front of each of the two model servers.
 */
export function tableLine(name: string, limits: PlatformLimits): string {
  const kinds = Object.values(platformCases(limits)).map((rules) => Object.keys(rules));
  const counts = kinds.map((rules) => {
    const kept = rules.filter((rule) => !Object.hasOwn(limits.exceptions ?? {}, rule));
    return kept.length === rules.length ? String(kept.length) : `${kept.length} of ${rules.length}`;
  });
  const total = String(kinds.flat().length);
  return line([titleOf(name), ...counts, total, total]);
}

/** What stands for a suite's name in the table. */
export function titleOf(name: string): string {
  return name.replace(/,$/, '').replace(/^an? /, '');
}

/** The first line of that table. */
export function tableHead(): string {
  return line(['through', ...Object.keys(platformCases({ largestBody: 0 })), 'Express', 'Python']);
}

/** The table, line by line, as the README has it but for the white space. */
export function tableOfReadme(): readonly string[] {
  const lines = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8').split('\n');
  const from = lines.findIndex((each) => each.startsWith('| through '));
  const to = lines.findIndex((each, index) => index > from && !each.startsWith('|'));
  const [head = '', , ...rest] = lines.slice(from, to);
  return [head, ...rest].map((each) => line(each.split('|').slice(1, -1)));
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.trim()).join(' | ')} |`;
}
