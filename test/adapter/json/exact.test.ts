import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isJsonObject } from '../../../adapter/json/object.ts';
import { JsonText, plainValue, writeJson, writeObject } from '../../../adapter/json/exact.ts';

/** Numbers that JSON.parse and JSON.stringify would change. */
const numbers = ['12345678901234567890', '1.0', '-0', '1e400', '1E-7', '0.1000000000000000055', '100e-2'];

describe('JsonText', () => {
  test.each(numbers)('keeps %s as it was written: alone, as a member, an element, and further inside', (number) => {
    const { a, b } = JsonText.parse(`{"a": ${number} , "b": [${number},{"c":${number}}]\n}`).members() ?? {};
    expect([writeJson(a), writeJson(b)]).toEqual([number, `[${number},{"c":${number}}]`]);
    expect((b as JsonText).elements()?.map(writeJson)).toEqual([number, `{"c":${number}}`]);
  });

  test.each([
    ...numbers.map((number): [string, boolean] => [`{"a":[${number}]}`, false]),
    ['{"a":0.5,"b":[-1,12,1e+21],"c":{"d":"ä/\\n"}}', true],
    ['[123456789012345.6,0.000001]', true],
    ['{"a": 1}', false],
    ['{"a":1,"a":1}', false],
    ['{"b":1,"1":2}', false],
    [`["${'x'.repeat(100_000)}"]`, false],
  ])('tells by %j whether JSON.stringify writes the same text: %s', (text, expected) => {
    expect(JsonText.parse(text).isCanonical).toBe(expected);
  });

  test('has strings, true, false and null as plain values', () => {
    const text = String.raw`{"a":"x\"}\\","b":true,"c":false,"d":null,"e":""}`;
    expect(JsonText.parse(text).members()).toEqual(JSON.parse(text));
  });

  test('has members only of objects, and elements only of arrays', () => {
    const all = ['{}', '[]', '1', '"x"', 'null'].map((text) => JsonText.parse(` ${text}\n`));
    expect(all.map((each) => each.members())).toEqual([{}, undefined, undefined, undefined, undefined]);
    expect(all.map((each) => each.elements())).toEqual([undefined, [], undefined, undefined, undefined]);
  });

  test.each(['', '{', '{"a":1,}', '1 2', '{"a":01}', '\ufeff{}'])('refuses %j as JSON.parse does', (text) => {
    expect(() => JsonText.parse(text)).toThrow(SyntaxError);
  });

  test('takes the last of repeated members, however their names are written', () => {
    const members = JsonText.parse(String.raw`{"a":1.0,"b":2.0,"\u0061":3.0}`).members() ?? {};
    expect(writeObject(Object.entries(members))).toBe('{"a":3.0,"b":2.0}');
  });

  test('keeps a member called __proto__ a plain member', () => {
    const members = JsonText.parse('{"__proto__":{"admin":1.0}}').members() ?? {};
    expect(Object.getPrototypeOf(members)).toBe(Object.prototype);
    expect(writeObject(Object.entries(members))).toBe('{"__proto__":{"admin":1.0}}');
  });

  test('takes any depth', () => {
    const deep = '['.repeat(5000) + ']'.repeat(5000);
    expect(writeJson(JsonText.parse(`{"a":${deep}}`).members()?.['a'])).toBe(deep);
  });

  test('gives the same value as JSON.parse, and writes what it read, for any document', () => {
    const space = fc.stringMatching(/^[ \t\r\n]{0,2}$/);
    const spaced = fc.tuple(fc.json({ maxDepth: 4 }), space).map(([json, between]) =>
      // White space at all allowed places. Strings of fc.json() contain these characters only in escapes.
      json.replaceAll(/"(?:[^"\\]|\\.)*"|[[\]{},:]/g, (token) => `${between}${token}${between}`),
    );
    fc.assert(
      fc.property(spaced, (text) => {
        const json = JsonText.parse(text);
        const value: unknown = JSON.parse(text);
        const members = Object.entries(json.members() ?? {});
        const elements = json.elements() ?? [];
        expect(json.value).toEqual(value);
        expect(members.map(([name, each]) => [name, plainValue(each)])).toEqual(
          isJsonObject(value) ? Object.entries(value) : [],
        );
        expect(JSON.parse(writeObject(members))).toEqual(isJsonObject(value) ? value : {});
        expect(elements.map(plainValue)).toEqual(Array.isArray(value) ? value : []);
        expect(JSON.parse(`[${elements.map(writeJson).join(',')}]`)).toEqual(Array.isArray(value) ? value : []);
      }),
      { numRuns: 2000 },
    );
  });
});
