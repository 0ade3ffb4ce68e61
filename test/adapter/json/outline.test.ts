import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonText, plainValue, writeJson } from '../../../adapter/json/exact.ts';
import { mayBeLong, outline } from '../../../adapter/json/outline.ts';

describe('an outline', () => {
  test.each([
    '', ' ', '{', '[', '[1', '{"a"', '{"a":', '{"a":1', '{"a":1,}', '[1,]', '[,1]', '{,}', '1 2', '01', '-', '1.', '.5', '1e',
    '+1', 'tru', 'nul', 'True', 'NaN', 'Infinity', "'a'", '"a', '"\\x"', '"\\u12g4"', '"\\u12', '"a\nb"', '"\t"', '[1}', '{"a":1]',
    '{1:2}', '{"a" 1}', '\ufeff{}', '[1]\u00a0', '{}{}', '[]]', '/**/1', '\v1',
  ])('refuses %j, as JSON.parse does', (text) => {
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
    expect(() => outline(text)).toThrow(SyntaxError);
  }); // prettier-ignore

  test('accepts exactly the documents of JSON.parse', () => {
    const json = fc.json({ maxDepth: 5 });
    const damaged = fc
      .tuple(json, fc.nat(), fc.constantFrom('', ',', '"', '}', ']', '{', '[', ':', '\\', '0', ' ', 'e', '\u0001'))
      .map(([text, at, piece]) => {
        const cut = at % (text.length + 1);
        return text.slice(0, cut) + piece + text.slice(cut + (at % 2));
      });
    fc.assert(
      fc.property(fc.oneof(json, damaged), (text) => {
        expect(isAccepted(() => outline(text))).toBe(isAccepted(() => JSON.parse(text)));
      }),
      { numRuns: 2000 },
    );
  });

  test('has the members of an object or the elements of an array, and how many values each holds', () => {
    expect(outline(' { "a" : [1, {"b": []}] , "\\u0062": "x,[{" ,"c":{} } ')).toEqual({
      values: 7,
      parts: [
        { name: 'a', text: '[1, {"b": []}]', values: 4 },
        { name: 'b', text: '"x,[{"', values: 1 },
        { name: 'c', text: '{}', values: 1 },
      ],
    });
    expect(outline('[{"a":1}]')).toEqual({ values: 3, parts: [{ name: '', text: '{"a":1}', values: 2 }] });
    expect(outline(' "["')).toEqual({ values: 1, parts: undefined });
  });

  test.each([
    ['a million objects', `[${'{},'.repeat(999_999)}{}]`],
    ['a million levels', '['.repeat(1_000_000) + ']'.repeat(1_000_000)],
    ['objects a million deep', '{"a":'.repeat(1_000_000) + '1' + '}'.repeat(1_000_000)],
  ])('of %s takes less memory than its values would', (_what, text) => {
    const before = process.memoryUsage().heapUsed;
    outline(text);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(30_000_000);
  });
});

describe('JsonText of a document with very many values', () => {
  const many = `[${'{},'.repeat(200_000)}1.0]`;

  test('has its short members parsed, and the others as text', () => {
    const document = JsonText.parse(` {"many": ${many}, "name": "x", "few": [1.50], "n": 1.0, "more": ${many} }\n`);
    const value = document.value as Record<string, unknown>;
    expect([value['name'], value['few'], value['n']]).toEqual(['x', [1.5], 1]);
    expect(value['many']).toBeInstanceOf(JsonText);
    const members = document.members() ?? {};
    expect(Object.keys(members)).toEqual(['many', 'name', 'few', 'n', 'more']);
    expect([members['name'], writeJson(members['few']), writeJson(members['n'])]).toEqual(['x', '[1.50]', '1.0']);
    expect(writeJson(members['many']) === many).toBe(true);
  });

  test('that has too many parts is itself its value', () => {
    const object = `{${Array.from({ length: 100_001 }, (_, index) => `"${index}":0`).join(',')}}`;
    for (const text of [many, object]) {
      const json = JsonText.parse(text);
      expect([json.value === json, json.members(), json.elements(), plainValue(json) === json]).toEqual([
        true,
        undefined,
        undefined,
        true,
      ]);
      expect(JSON.stringify(json)).toBe(JSON.stringify(JSON.parse(text)));
    }
  });

  test('that is an array has its short elements parsed, and the others as text', () => {
    const elements = JsonText.parse(`[${many},{"a":1.0},"x"]`).elements() ?? [];
    expect(elements.map((each) => writeJson(each).length)).toEqual([many.length, 9, 3]);
    expect(JsonText.parse(`[${many},{"a":1.0}]`).value).toMatchObject([{ text: many }, { a: 1 }]);
  });

  test('reads nested values on demand', () => {
    const outer = JsonText.parse(`{"value":{"many":${many},"a":"b"}}`).members() ?? {};
    const inner = (outer['value'] as JsonText).members() ?? {};
    expect([inner['a'], writeJson(inner['many']).length]).toEqual(['b', many.length]);
  });

  test.each([[`{"many":${many},}`], [`${many}]`], [`{"many":${many} "a":1}`]])('refuses a malformed one', (text) => {
    expect(() => JsonText.parse(text)).toThrow(SyntaxError);
  });

  test('is not confused with a string with many commas', () => {
    const text = JSON.stringify({ text: ','.repeat(200_000), list: [1] });
    expect(mayBeLong(text)).toBe(true);
    expect(JsonText.parse(text).value).toEqual(JSON.parse(text));
  });
});

function isAccepted(act: () => unknown): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}
