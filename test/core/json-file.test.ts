import { expect, test } from 'vitest';
import { parseJsonFile } from '../../core/json-file.ts';

test('a byte order mark, as editors on Windows write it, is skipped', () => {
  expect(parseJsonFile('\uFEFF{"port": 5000}')).toEqual({ port: 5000 });
});

test.each(['', '{', '// a comment\n{"models":\r\n []}', '\uFEFF\uFEFF{}'])(
  'what is not JSON is refused in one line: %j',
  (text) => {
    expect(() => parseJsonFile(text)).toThrow(SyntaxError);
    expect(() => parseJsonFile(text)).toThrow(/^[^\r\n]+JSON[^\r\n]*$/);
  },
);
