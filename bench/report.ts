import { readFile, writeFile } from 'node:fs/promises';
import { cpus, release, totalmem, loadavg } from 'node:os';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';

const file = join(import.meta.dirname, 'RESULTS.md');

const introduction = `# Results

Written by \`npm run bench\`. Compare ratios, not times: the contestants of a table take turns in one run, so that
whatever else the machine did hit all of them alike.
`;

/** Puts a section into RESULTS.md, in the place of the one with the same title. */
export async function writeSection(
  title: string,
  command: string,
  versions: readonly string[],
  text: string,
): Promise<void> {
  const present = await readFile(file, 'utf8').catch(() => introduction);
  const [, ...sections] = present.split(/^(?=## )/m);
  const section = `## ${title}\n\n${[machine(), ...versions].join(', ')}: \`${command}\`\n\n${text.trim()}\n`;
  const others = sections.filter((each) => !each.startsWith(`## ${title}\n`)).map((each) => `${each.trim()}\n`);
  const all = [...others, section].toSorted((left, right) => position(left) - position(right));
  const options = await resolveConfig(file);
  await writeFile(file, await format([introduction, ...all].join('\n'), { ...options, filepath: file }));
}

/** The order of the sections is the order in which they are numbered. */
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

/** A Markdown table: the first column left, the others right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = head.map((_, index) => (index === 0 ? '---' : '---:'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Whether an aim was met, for the end of a line. */
export function verdict(met: boolean): string {
  return met ? 'met' : '**not met**';
}
