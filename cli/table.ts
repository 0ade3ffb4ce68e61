import Table from 'cli-table3';

/**
 * Aligns the columns of a table.
 *
 * @param columns width of the terminal; undefined for no limit
 * @param last whether a last column that is too wide is cut with "…" or wrapped
 */
export function table(
  rows: readonly (readonly string[])[],
  { columns, last = 'cut' }: { readonly columns?: number | undefined; readonly last?: 'cut' | 'wrapped' } = {},
): string {
  const widths = columnWidths(rows);
  const left = (columns ?? Number.POSITIVE_INFINITY) - tableWidth(widths.slice(0, -1));
  const tooWide = (widths.at(-1) ?? 0) + gap > left;
  const made = new Table({
    chars: noLines,
    style: { 'padding-left': 0, 'padding-right': gap, head: [], border: [] },
    wordWrap: last === 'wrapped',
    ...(tooWide && { colWidths: [...widths.slice(0, -1).map(() => null), Math.max(left, gap + 8)] }),
  });
  made.push(...rows.map((row) => [...row]));
  return made.toString().replaceAll(/ +$/gm, '');
}

/** The width of each column. */
export function columnWidths(rows: readonly (readonly string[])[]): readonly number[] {
  return rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
}

/** The total width of columns, with the gaps after them. */
export function tableWidth(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width + gap, 0);
}

const gap = 2;

const places =
  'top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right left left-mid mid mid-mid right right-mid middle';
const noLines = Object.fromEntries(places.split(' ').map((place) => [place, '']));
