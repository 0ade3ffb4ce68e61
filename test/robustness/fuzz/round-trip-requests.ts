import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { isJsonObject, type JsonObject } from '../../../gateway/json/json.ts';
import { parseJson } from '../../../gateway/json/parse.ts';
import { printJson } from '../../../gateway/json/print.ts';
import type { Received } from '../../gateway/support/send.ts';
import { kinds, serverSetting, type Kind } from '../support/rows.ts';
import { startStage } from '../support/stage.ts';
import { jsonObjectText, jsonText, names as anyName, plainText } from './arbitraries.ts';
import { campaign, type Campaign } from './campaign.ts';

type Pairs = readonly (readonly [name: string, value: string])[];

/**
 * A caller's request, and the content that the model server must get in a standard web action. JSON arrives as the
 * platform writes it after parsing, with every digit.
 */
interface Sent {
  readonly method: string;
  readonly segments: readonly string[];
  readonly query: Pairs;
  readonly headers: Pairs;
  readonly content: Content;
}

/** `merged`: a body that the platform merges with the query. `value`: JSON that is not an object. */
type Content =
  | { readonly kind: 'none' }
  | { readonly kind: 'bytes'; readonly contentType: string | undefined; readonly body: Buffer }
  | { readonly kind: 'value'; readonly contentType: string; readonly json: string }
  | { readonly kind: 'object'; readonly contentType: string; readonly json: string }
  | { readonly kind: 'form'; readonly value: Pairs };

const notReserved = (name: string): boolean => !name.startsWith('__ow_');
const pairs = fc.array(fc.tuple(plainText.filter(notReserved), plainText), { maxLength: 4 });
const jsonTypes = fc.constantFrom('application/json', 'application/json; charset=utf-8', 'application/hal+json');
const textTypes = fc.constantFrom(
  'text/plain',
  'text/csv; charset=utf-8',
  'application/xml',
  'text/x-y; charset=utf-8',
);
const binaryTypes = fc.constantFrom(
  'image/png', 'multipart/form-data; boundary=x', 'application/octet-stream', 'application/x-npy', 'audio/wav',
  undefined,
); // prettier-ignore

const content: fc.Arbitrary<Content> = fc.oneof(
  fc.constant<Content>({ kind: 'none' }),
  fc.record({
    kind: fc.constant('bytes' as const),
    contentType: binaryTypes,
    body: fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  }),
  fc.record({
    kind: fc.constant('bytes' as const),
    contentType: textTypes,
    body: plainText.filter((text) => text !== '').map((text) => Buffer.from(text)),
  }),
  fc.record({
    kind: fc.constant('value' as const),
    contentType: jsonTypes,
    json: jsonText.filter((text) => !text.startsWith('{')),
  }),
  fc.record({
    kind: fc.constant('object' as const),
    contentType: jsonTypes,
    json: jsonObjectText(anyName.filter(notReserved)),
  }),
  fc.record({ kind: fc.constant('form' as const), value: pairs }),
);

/** pekko-http writes the values of the headers that it knows anew, so "A,B" becomes "A, B". */
const unknownHeaders = fc.constantFrom('x-one', 'x-two', 'x__proto__', 'traceparent', 'x-api-key', 'dnt');

const headerValue = fc.oneof(fc.string(), plainText).map((text) => text.replaceAll(/\p{Cc}/gu, '').trim());

const requests: fc.Arbitrary<Sent> = fc.record({
  method: fc.constantFrom('POST', 'PUT', 'PATCH'),
  // The controller resolves dot segments.
  segments: fc.array(
    plainText.filter((segment) => !/^\.{1,2}$/.test(segment)),
    { maxLength: 3 },
  ),
  query: pairs,
  headers: fc.dictionary(unknownHeaders, headerValue).map((dictionary) => Object.entries(dictionary)),
  content,
});

/** The request that test/robustness/servers/recorder.mjs reports. */
interface Recorded {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly string[];
  readonly body: string;
}

/** From the caller's request through gateway and adapter to the model server, in both modes, for both kinds of server. */
export const requestCampaigns: readonly Campaign[] = kinds.flatMap((kind) => [
  requestCampaign(kind, true),
  requestCampaign(kind, false),
]);

function requestCampaign(kind: Kind, raw: boolean): Campaign {
  const mode = raw ? 'raw' : 'standard';
  return campaign(`an ${kind} model server gets what the caller of a ${mode} web action sent`, async () => {
    const stage = await startStage(await serverSetting(kind, 'recorder.mjs'), { raw });
    return {
      inputs: requests,
      async check(sent) {
        const path = ['/fuzz', ...sent.segments.map(encodeURIComponent)].join('/');
        const query = sent.query.length === 0 ? '' : `?${new URLSearchParams(copyOf(sent.query)).toString()}`;
        const { contentType, body } = encoded(sent.content);
        const headers = [
          ...sent.headers,
          ...(contentType === undefined ? [] : [['content-type', contentType] as const]),
        ];
        const reply = await stage.call(`${path}${query}`, {
          method: sent.method,
          headers: Object.fromEntries(headers.map(([name, value]) => [name, bytesOf(value)])),
          ...(body === undefined ? {} : { body }),
        });
        const recorded = recordOf(reply);
        assert.equal(recorded.method, sent.method);
        assert.deepEqual(decodedPath(recorded.url), ['', 'fuzz', ...sent.segments]);
        assert.deepEqual(
          headersOf(recorded, sent.headers),
          sent.headers.map(([name, value]) => [name, bytesOf(value)]),
        );
        if (raw) assertWhole(sent, body ?? Buffer.alloc(0), recorded);
        else assertMerged(sent, recorded);
      },
      close: stage.close,
    };
  });
}

/** Raw: the original query and every byte of the body. */
function assertWhole(sent: Sent, body: Buffer, recorded: Recorded): void {
  assert.deepEqual(queryOf(recorded), sent.query);
  assert.equal(recorded.body, body.toString('base64'));
}

/** Standard: the platform merges query and body (section 5.4); repeated names keep the last value. */
function assertMerged(sent: Sent, recorded: Recorded): void {
  const query = Object.fromEntries(sent.query);
  const body = Buffer.from(recorded.body, 'base64');
  switch (sent.content.kind) {
    case 'none':
      assert.equal(body.length, 0);
      break;
    case 'bytes':
      assert.equal(recorded.body, sent.content.body.toString('base64'));
      break;
    case 'value':
      assert.equal(body.toString(), printJson(parseJson(sent.content.json)));
      break;
    case 'object':
      assert.equal(printJson(parseJson(body.toString())), printJson({ ...query, ...objectOf(sent.content.json) }));
      assert.deepEqual(queryOf(recorded), []);
      return;
    case 'form':
      assert.deepEqual(
        sorted([...new URLSearchParams(body.toString())]),
        sorted(Object.entries({ ...query, ...Object.fromEntries(sent.content.value) })),
      );
      assert.deepEqual(queryOf(recorded), []);
      return;
  }
  assert.deepEqual(sorted(queryOf(recorded)), sorted(Object.entries(query)));
}

function encoded(sent: Content): { readonly contentType: string | undefined; readonly body: Buffer | undefined } {
  switch (sent.kind) {
    case 'none':
      return { contentType: undefined, body: undefined };
    case 'bytes':
      return sent;
    case 'value':
    case 'object':
      return { contentType: sent.contentType, body: Buffer.from(sent.json) };
    case 'form': {
      const body = Buffer.from(new URLSearchParams(copyOf(sent.value)).toString());
      return { contentType: 'application/x-www-form-urlencoded', body };
    }
  }
}

function recordOf(reply: Received): Recorded {
  assert.equal(reply.status, 200, reply.text);
  return reply.json() as unknown as Recorded;
}

function decodedPath(url: string): string[] {
  return (url.split('?')[0] ?? '').split('/').map(decodeURIComponent);
}

function queryOf({ url }: Recorded): [string, string][] {
  return [...new URLSearchParams(url.split('?').slice(1).join('?'))];
}

/** The recorded values of these headers, in their order. */
function headersOf(recorded: Recorded, wanted: Pairs): (readonly [string, string | undefined])[] {
  const received = recorded.headers.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
  return wanted.map(([name]) => [name, recorded.headers[received.indexOf(name) * 2 + 1]]);
}

/** A header's text as the bytes of its UTF-8, one character for each, as node:http takes and gives them. */
function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1');
}

function objectOf(json: string): JsonObject {
  const value = parseJson(json);
  assert.ok(isJsonObject(value));
  return value;
}

function sorted(entries: readonly [string, string][]): [string, string][] {
  return entries.toSorted(([left], [right]) => (left < right ? -1 : 1));
}

function copyOf(entries: Pairs): [string, string][] {
  return entries.map(([name, value]) => [name, value]);
}
