import { describe, expect, test } from 'vitest';
import { parseMediaType } from '../../../core/http/media-type.ts';

describe('parseMediaType', () => {
  test.each([
    [
      'text/plain; charset="utf\\-8"; x=y',
      { type: 'text', subtype: 'plain', charset: 'utf-8', hasOtherParameters: true },
    ],
    [' Text/PLAIN ', { type: 'text', subtype: 'plain', charset: undefined, hasOtherParameters: false }],
    ['text', undefined],
    ['text/plain; charset', undefined],
    // A pattern would overflow the stack.
    [`a/b${';a=b'.repeat(1_000_000)}`, undefined],
  ])('reads %.40s', (contentType, expected) => {
    expect(parseMediaType(contentType)).toEqual(expected);
  });
});
