import { readMediaType, type MediaType } from '../media-type.ts';
import { renderWeight } from './quality.ts';
import { quoteUnlessToken, Scanner, sortedParameters } from './scanner.ts';

/** One range of an Accept header: a media type, or one with `*` as its subtype, or as both its type and subtype. */
export interface MediaRange {
  /** Lower case. "*" for any. */
  readonly type: string;
  /** Lower case. "*" for any. */
  readonly subtype: string;
  readonly parameters: readonly (readonly [name: string, value: string])[];
  readonly quality: number;
  /** As pekko-http writes it. */
  readonly text: string;
}

/** The ranges of an Accept header; undefined when it is malformed. */
export function parseAccept(value: string): readonly MediaRange[] | undefined {
  const scanner = new Scanner(value);
  const ranges = scanner.list(() => mediaRange(scanner));
  const isValid = scanner.isAtEnd && ranges.every(({ quality }) => quality >= 0 && quality <= 1);
  return isValid ? ranges : undefined;
}

export function renderAccept(value: string): string | undefined {
  return parseAccept(value)
    ?.map(({ text }) => text)
    .join(', ');
}

function mediaRange(scanner: Scanner): MediaRange | undefined {
  const [type, subtype] = rangeName(scanner) ?? [];
  if (type === undefined || subtype === undefined) return undefined;
  scanner.take(/[ \t]*/y);
  const given = scanner.many(() => (scanner.skip(';') ? scanner.parameter() : undefined));
  const sorted = sortedParameters(given);
  const quality = readQuality(sorted.find(([name]) => name === 'q')?.[1]);
  const parameters = sorted.filter(([name]) => name !== 'q');
  if (subtype !== '*') {
    const media = readMediaType(type, subtype, parameters);
    return media && oneType(media, parameters, quality);
  }
  const suffix = parameters.map(([name, text]) => `; ${name}=${quoteUnlessToken(text)}`).join('');
  const text = `${type}/*${renderWeight(quality)}${suffix}`;
  return { type, subtype, parameters, quality, text };
}

function oneType(media: MediaType, parameters: readonly (readonly [string, string])[], quality: number): MediaRange {
  // The charset is negotiated by Accept-Charset.
  const others = parameters.filter(([name]) => name !== 'charset');
  const { type, subtype } = media;
  return { type, subtype, parameters: others, quality, text: media.value + renderWeight(quality) };
}

function rangeName(scanner: Scanner): readonly [string, string] | undefined {
  if (scanner.take(/\*\/\*|\*/y) !== undefined) return ['*', '*'];
  const type = scanner.token()?.toLowerCase();
  if (type === undefined || scanner.take(/\//y) === undefined) return undefined;
  const subtype = scanner.token()?.toLowerCase();
  return subtype === undefined ? undefined : [type, subtype];
}

/** A number as Java's Float reads it; other text is 1. NaN (also for Infinity) makes the whole header malformed. */
function readQuality(text: string | undefined): number {
  if (text === undefined) return 1;
  const isNumber = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fFdD]?$/.test(text.trim());
  if (isNumber) return Number(text.trim().replace(/[fFdD]$/, ''));
  return /^[+-]?(?:NaN|Infinity)$/.test(text.trim()) ? Number.NaN : 1;
}
