import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { base64Length, decodeBase64, writeBase64 } from '../../../adapter/json/base64.ts';
import { JsonBytes, parseWithBytes, serializeJson } from '../../../adapter/json/embedded-bytes.ts';
import { jsonText, mutated } from './arbitraries.ts';
import { campaign, type Campaign } from './campaign.ts';

/** Bytes in parts, as from a socket. */
function cut(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [0, ...cuts.map((each) => Math.floor(each * bytes.length))].toSorted((left, right) => left - right);
  return at.map((start, index) => bytes.subarray(start, at[index + 1]));
}

const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 5 });
const some = fc.tuple(
  fc.uint8Array({ minLength: 1, maxLength: 50 }),
  fc.integer({ min: 0, max: 1000 }),
  fc.uint8Array({ maxLength: 3 }),
);
const bytes = some.map(([pattern, times, end]) =>
  Buffer.concat([...Array.from({ length: times }, () => pattern), end]),
);

/** A `/run` with base64 of any length at any place, sometimes damaged. */
const documents = fc.oneof(
  runOf(bytes.map((each) => JSON.stringify(each.toString('base64')))).map((text) => Buffer.from(text)),
  mutated(runOf(bytes.map((each) => JSON.stringify(each.toString('base64'))))),
  mutated(runOf(jsonText)),
);

function runOf(body: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(body, jsonText, jsonText, fc.constantFrom('__ow_body', 'body', '__ow_b\\u006fdy'), fc.boolean())
    .map(([content, before, after, name, isFirst]) => {
      const members = isFirst ? [`"${name}":${content}`, `"a":${before}`] : [`"a":${before}`, `"${name}" : ${content}`];
      return `{"value":{${members.join(',')}},"b":${after}}`;
    });
}

/** Reading and writing base64 in pieces, compared with one string of the whole. */
export const jsonBytesCampaigns: readonly Campaign[] = [
  campaign(
    'base64 is decoded and written as Buffer does, in whatever parts it comes, or refused where it is none',
    () => ({
      inputs: fc.tuple(
        fc.oneof(
          bytes.map((each) => Buffer.from(each.toString('base64'))),
          mutated(bytes.map((each) => each.toString('base64'))),
        ),
        cuts,
      ),
      check([text, at]) {
        const decoded = decodeBase64(cut(text, at));
        const expected = Buffer.from(text.toString('latin1'), 'base64');
        if (decoded !== undefined) assert.ok(decoded.equals(expected));
        else assert.notEqual(expected.toString('base64'), text.toString('latin1'));
        const target = Buffer.alloc(base64Length(expected.length));
        assert.equal(writeBase64(expected, target, 0), target.length);
        assert.equal(target.toString('latin1'), expected.toString('base64'));
      },
    }),
    500,
  ),
  campaign(
    'a /run is read as JSON.parse reads it, in whatever parts it comes, and written as JSON.stringify writes it',
    () => ({
      inputs: fc.tuple(documents, cuts),
      check([document, at]) {
        let expected: unknown;
        try {
          expected = JSON.parse(document.toString());
        } catch {
          assert.throws(() => parseWithBytes(cut(document, at), ['value', '__ow_body']), SyntaxError);
          return;
        }
        const { value } = parseWithBytes(cut(document, at), ['value', '__ow_body']);
        assert.equal(JSON.stringify(value), JSON.stringify(expected));
        const body = new JsonBytes(document);
        assert.equal(serializeJson({ a: expected, body }).toString(), JSON.stringify({ a: expected, body }));
      },
    }),
    500,
  ),
];
