import { canonicalCharset } from '../charset.ts';
import { renderWeight, weight } from './quality.ts';
import { Scanner } from './scanner.ts';

/** One range of an Accept-Charset header: a charset in its registered spelling, or "*". */
export interface CharsetRange {
  readonly charset: string;
  readonly quality: number;
}

/** The ranges of an Accept-Charset header; undefined when it is malformed. */
export function parseAcceptCharset(value: string): readonly CharsetRange[] | undefined {
  const scanner = new Scanner(value);
  const ranges = scanner.list(() => {
    const charset = scanner.take(/\*[ \t]*/y) === undefined ? scanner.token() : '*';
    return charset === undefined ? undefined : { charset: canonicalCharset(charset), quality: weight(scanner) };
  });
  return scanner.isAtEnd && ranges.length > 0 ? ranges : undefined;
}

export function renderAcceptCharset(value: string): string | undefined {
  return parseAcceptCharset(value)
    ?.map(({ charset, quality }) => charset + renderWeight(quality))
    .join(', ');
}
