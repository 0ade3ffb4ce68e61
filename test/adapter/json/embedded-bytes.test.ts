import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { membersOf, writeJson } from '../../../adapter/json/exact.ts';
import { bytesOf, JsonBytes, parseWithBytes, serializeJson } from '../../../adapter/json/embedded-bytes.ts';

const path = ['value', 'body'] as const;
const long = Buffer.alloc(6000, 'image').toString('base64');

function parse(text: string): unknown {
  return parseWithBytes([Buffer.from(text)], path).value;
}

/** The same value with strings instead of bytes. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}

describe('parseWithBytes', () => {
  test.each([
    ['alone', `{"value":{"body":"${long}"}}`],
    ['first, last and with white space', `\n{ "value" : {"a":"ä","body"\t:\r\n "${long}" , "b":[1]} , "c":"❄" }`],
    ['behind the same name elsewhere with a short string', `{"value":{"body":"${long}"},"other":{"body":"x"}}`],
    ['a prototype', `{"__proto__":{"value":1},"value":{"__proto__":{},"body":"${long}"}}`],
  ])('takes the long string at the path as bytes: %s', (_title, text) => {
    const parsed = parse(text) as { value: { body: unknown } };
    expect(parsed.value.body).toBeInstanceOf(JsonBytes);
    expect((parsed.value.body as JsonBytes).bytes).toEqual(Buffer.from(long, 'base64'));
    expect(plain(parsed)).toEqual(JSON.parse(text));
  });

  test('keeps the text of everything else', () => {
    const text = `{"value":{"a":1.0,"body":"${long}","b":[1e400, 2]}}`;
    const value = parseWithBytes([Buffer.from(text.slice(0, 3000)), Buffer.from(text.slice(3000))], path).members()?.[
      'value'
    ];
    const { a, b, body } = membersOf(value) ?? {};
    expect([writeJson(a), writeJson(b), String(body)]).toEqual(['1.0', '[1e400, 2]', long]);
  });

  test.each([
    ['short', `{"value":{"body":"QUJD"},"padding":"${long}"}`],
    ['not at the path', `{"body":"${long}","value":{"body":"QUJD"}}`],
    ['nested too deep', `{"value":{"x":{"body":"${long}"}}}`],
    ['inherited', `{"value":{"__proto__":{"body":"${long}"}}}`],
    ['given once more', `{"value":{"body":"${long}","body":"x"}}`],
    ['given once more with an escape in its name', `{"value":{"body":"${long}","b\\u006fdy":"x"}}`],
    ['in a value that is given once more', `{"value":{"body":"${long}"},"value":{}}`],
    ['under a name that ends with it', `{"value":{"a\\"body":"${long}"}}`],
    ['text inside of a string', `{"value":{"a":"\\"body\\":\\"${long}\\""}}`],
    ['escaped', `{"value":{"body":"\\/${long}"}}`],
    ['ended with an escape', `{"value":{"body":"${long}\\""}}`],
    ['no base64', `{"value":{"body":"!${long}"}}`],
    ['no string', `{"value":{"body":["${long}"]}}`],
  ])('leaves a string that is %s to JSON.parse', (_title, text) => {
    expect(parse(text)).toEqual(JSON.parse(text));
  });

  test.each([
    ['no end', `{"value":{"body":"${long}`],
    ['a comma too much', `{"value":{"body":"${long}",}}`],
    ['a string that ends before', `{"value":{"a":"b"body":"${long}"}}`],
    ['a line break in the string', `{"value":{"body":"${long.slice(0, 5000)}\n${long.slice(5000)}"}}`],
  ])('throws the error of JSON.parse: %s', (_title, text) => {
    expect(() => parse(text)).toThrow(SyntaxError);
  });

  test('gives the same value as JSON.parse, for any document in any parts', () => {
    const pieces = fc.constantFrom(
      '"body"', '"body":', `"body":"${long}"`, `"${long}"`, long, '"value":{', '{', '}', '[', ']', ',', ':', '"', '\\',
      ' ', '\n', '"a":1', '"a":"x"', 'null', '\u00e9', '\ud800', '\\u0022', '=', String.raw`"b\u006fdy":`,
    ); // prettier-ignore
    const document = fc.array(pieces, { maxLength: 12 }).map((parts) => `{"value":{${parts.join('')}}}`);
    fc.assert(
      fc.property(document, fc.nat(), fc.nat(), (text, one, other) => {
        const bytes = Buffer.from(text);
        const cuts = [0, one % bytes.length, other % bytes.length].toSorted((a, b) => a - b);
        const parts = cuts.map((cut, index) => bytes.subarray(cut, cuts[index + 1]));
        expect(outcome(() => plain(parseWithBytes(parts, path).value))).toEqual(
          outcome(() => JSON.parse(bytes.toString())),
        );
      }),
      { numRuns: 3000 },
    );
  });
});

describe('serializeJson', () => {
  test.each([
    ['bytes as the last member', { a: 'ä', b: [1], body: new JsonBytes(Buffer.alloc(50_000, 7)) }],
    ['bytes as the only member', { body: new JsonBytes(Buffer.alloc(50_000, 7)) }],
    ['few bytes', { body: new JsonBytes(Buffer.from('x')) }],
    ['bytes before another member', { body: new JsonBytes(Buffer.alloc(50_000, 7)), a: 1 }],
    ['text', { statusCode: 200, body: '❄' }],
    ['nothing', {}],
  ])('writes the same text as JSON.stringify: %s', (_title, value) => {
    const serialized = serializeJson(value);
    expect(serialized.toString()).toBe(JSON.stringify(value));
    expect(bytesOf(serialized)).toBe(Buffer.byteLength(JSON.stringify(value)));
  });
});

function outcome(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return (error as Error).name;
  }
}
