import { renderList } from './token-lists.ts';
import { Scanner } from './scanner.ts';

/** Range. Only the unit `bytes` is known. */
export function renderRange(value: string): string | undefined {
  const [, set] = /^bytes[ \t]*=[ \t]*(?:,[ \t]*)*(.*)$/s.exec(value) ?? [];
  if (set === undefined) return undefined;
  const ranges = renderList(set, (scanner) => byteRange(scanner));
  return ranges === undefined || ranges === '' || isBackward(ranges) ? undefined : `bytes=${ranges}`;
}

/** Content-Range. */
export function renderContentRange(value: string): string | undefined {
  const [, first, last, length, unsatisfied] = contentRange.exec(value) ?? [];
  if (unsatisfied !== undefined) return `bytes */${capped(unsatisfied)}`;
  if (first === undefined || last === undefined || length === undefined) return otherRange(value);
  const size = length === '*' ? Infinity : Number(length);
  if (Number(first) > Number(last) || size <= Number(last)) return undefined;
  return `bytes ${capped(first)}-${capped(last)}/${length === '*' ? '*' : capped(length)}`;
}

/** Accept-Ranges. */
export function renderAcceptRanges(value: string): string | undefined {
  if (value === 'none') return value;
  const units = renderList(value.replace(/^(?:,[ \t]*)+/, ''), (scanner) => scanner.token());
  return units || undefined;
}

const contentRange = /^bytes[ \t]*(?:(\d+)[ \t]*-[ \t]*(\d+)[ \t]*\/[ \t]*(\d+|\*)|\*\/(\d+))[ \t]*$/;

function otherRange(value: string): string | undefined {
  const scanner = new Scanner(value);
  const unit = scanner.token();
  return unit === undefined ? undefined : `${unit} ${scanner.take(/.*/sy)?.[0] ?? ''}`;
}

function byteRange(scanner: Scanner): string | undefined {
  const [, first, last, suffix] = scanner.take(/(?:(\d+)[ \t]*-[ \t]*(\d*)|-[ \t]*(\d+))[ \t]*/y) ?? [];
  if (suffix !== undefined) return `-${capped(suffix)}`;
  if (first === undefined) return undefined;
  return `${capped(first)}-${last === undefined || last === '' ? '' : capped(last)}`;
}

function isBackward(ranges: string): boolean {
  return ranges.split(', ').some((range) => {
    const [, first, last] = /^(\d+)-(\d+)$/.exec(range) ?? [];
    return first !== undefined && last !== undefined && Number(first) > Number(last);
  });
}

/** pekko-http reads a number of more than 18 digits as 999,999,999,999,999,999. */
function capped(digits: string): string {
  return digits.length > 18 ? '9'.repeat(18) : digits.replace(/^0+(?=\d)/, '');
}
