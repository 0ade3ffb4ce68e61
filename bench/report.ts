import { readFile, writeFile } from 'node:fs/promises';
import { cpus, release, totalmem, loadavg } from 'node:os';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';

const file = join(import.meta.dirname, 'RESULTS.md');

const introduction = `# Results

Written by \`npm run bench\`. Compare ratios, not times: the contestants of a table take turns in one run, so that
other work of the machine affects all of them equally.
`;

/** An aim of the project, and what came of it. */
export interface Aim {
  readonly aim: string;
  readonly measured: string;
  readonly met: boolean;
  /** What limits it, by the profile. The section tells it when the aim is not met. */
  readonly limit?: string | undefined;
}

/** What a bench tells. */
export interface Section {
  readonly text: string;
  readonly aims: readonly Aim[];
}

/**
 * Writes a section into RESULTS.md, with its aims at its end, and the aims of all sections at the top of the file.
 * Replaces the section with the same title.
 */
export async function writeSection(
  title: string,
  command: string,
  versions: readonly string[],
  { text, aims }: Section,
): Promise<void> {
  const present = await readFile(file, 'utf8').catch(() => introduction);
  const [, ...sections] = present.split(/^(?=## )/m);
  const section = `## ${title}\n\n${[machine(), ...versions].join(', ')}: \`${command}\`\n\n${text.trim()}\n${aimsTable(aims)}`;
  const others = sections
    .filter((each) => !each.startsWith(`## ${title}\n`) && !each.startsWith(`## ${allAims}\n`))
    .map((each) => `${each.trim()}\n`);
  const all = [...others, section].toSorted((left, right) => position(left) - position(right));
  const summary = `## ${allAims}\n\n${[aimsHead, ...all.flatMap(aimRows)].join('\n')}\n`;
  const options = await resolveConfig(file);
  await writeFile(file, await format([introduction, summary, ...all].join('\n'), { ...options, filepath: file }));
}

const allAims = '0. Aims';
const aimsHead = table(['aim', 'measured', 'met'], []);

/** A section's aims as a table, with the limits of those that are not met; "" without any. */
function aimsTable(aims: readonly Aim[]): string {
  if (aims.length === 0) return '';
  const rows = aims.map(({ aim, measured, met }) => [aim, measured, met ? 'yes' : '**no**']);
  const limits = new Set(aims.flatMap(({ met, limit }) => (met || limit === undefined ? [] : [limit])));
  const notMet = limits.size === 0 ? '' : `\nWhat limits those that are not met:\n\n${[...limits].join('\n\n')}\n`;
  return `\n${table(['aim', 'measured', 'met'], rows)}\n${notMet}`;
}

/** The rows of the aims' table in a section. */
function aimRows(section: string): string[] {
  const [, rows = ''] = /^\| aim +\|.*\n\|[ :|-]+\n((?:\|.*\n?)*)/m.exec(section) ?? [];
  return rows.split('\n').filter((row) => row !== '');
}

/** The number of a section, for the order. */
function position(section: string): number {
  return Number(/^## (\d+)/.exec(section)?.[1] ?? 99);
}

function machine(): string {
  const [core] = cpus();
  const gigabytes = (totalmem() / 2 ** 30).toFixed(0);
  const day = new Date().toISOString().slice(0, 10);
  const load = loadavg()[0]?.toFixed(1) ?? '?';
  return `${day}, ${cpus().length} × ${core?.model.trim() ?? '?'}, ${gigabytes} GB, Linux ${release()}, load ${load} (other work included); Node ${process.version}`;
}

/** A Markdown table with the first column left-aligned and the others right-aligned. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = head.map((_, index) => (index === 0 ? '---' : '---:'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** A number with three significant digits, and all digits before the decimal point. */
export function threeDigits(value: number): string {
  return Math.abs(value) < 1000 ? value.toPrecision(3) : value.toFixed(0);
}
