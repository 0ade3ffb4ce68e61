import type { BatchRoute } from '../../core/batch-row.ts';
import { canScan, findPointer, listParts } from '../json/pointer.ts';
import { type JsonPart, replaceOutsideStrings } from '../json/scan.ts';
import { type ListBody, type ListFormat, totalSize, UnequalLists } from './list-format.ts';

/** Lists with one value for each input, as `{"instances": […]}` and `{"predictions": […]}`. */
export function valueLists({ input, output }: Pick<BatchRoute, 'input' | 'output'>): ListFormat {
  return { read, join, divide };

  function read(body: string): ListBody | undefined {
    const list = findList(body, input);
    if (list === undefined || list.parts.length === 0) return undefined;
    const { before, parts, after } = list;
    return {
      size: parts.length,
      frame: JSON.stringify([withoutSpace(before), withoutSpace(after)]),
      columns: [parts.map(({ text }) => text)],
    };
  }

  function divide(reply: string, bodies: readonly ListBody[]): readonly string[] {
    const list = findList(reply, output);
    if (list?.parts.length !== totalSize(bodies)) throw new UnequalLists(totalSize(bodies), list?.parts.length, output);
    let next = 0;
    return bodies.map(({ size }) => {
      const first = list.parts[next];
      next += size;
      const last = list.parts[next - 1];
      return list.before + list.text.slice(first?.start, last && last.start + last.text.length) + list.after;
    });
  }
}

/** Clients write the same JSON with different white space. */
function withoutSpace(text: string): string {
  return replaceOutsideStrings(text, (part) => part.replaceAll(/\s+/g, ''));
}

function join(bodies: readonly ListBody[]): string {
  const [before, after] = JSON.parse(bodies[0]?.frame ?? '["",""]') as [string, string];
  return `${before}${bodies.flatMap(({ columns }) => columns[0] ?? []).join(',')}${after}`;
}

interface FoundList {
  /** The document up to the first element, including the bracket and white space. */
  readonly before: string;
  /** The list that contains the parts. */
  readonly text: string;
  readonly parts: readonly JsonPart[];
  /** What follows the last element. */
  readonly after: string;
}

function findList(document: string, pointer: string): FoundList | undefined {
  const place = canScan(document) ? findPointer(document, pointer) : undefined;
  const parts = place && listParts(document, place);
  if (place === undefined || parts === undefined) return undefined;
  const [first] = parts;
  const last = parts.at(-1);
  return {
    before: document.slice(0, place.start + (first?.start ?? 1)),
    text: document.slice(place.start, place.end),
    parts,
    after: document.slice(last === undefined ? place.end - 1 : place.start + last.start + last.text.length),
  };
}
