import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { parseMediaType } from '../../../core/http/media-type.ts';
import { isBinary, isJsonFamily } from '../../../core/openwhisk/media-types.ts';
import { readableContentType } from '../../../adapter/platforms/openwhisk/content-type.ts';
import { kinds, serverSetting } from '../support/rows.ts';
import { startStage } from '../support/stage.ts';
import { contentTypes, plainText } from './arbitraries.ts';
import { campaign, type Campaign } from './campaign.ts';

/** The model server's answer. Header values and the type have one character per byte. */
interface Answer {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

const scalars = ['true', 'null', '1234', '"abcd"', ' 12 ', 'true\n', '{"a": 1.50, "b": 1e400}', '[]', 'AAAA', 'AAA='];

const headerText = fc.string({ unit: 'binary' }).map((text) =>
  Buffer.from(text)
    .toString('latin1')
    .replaceAll(/\p{Cc}/gu, '')
    .trim(),
);

const answers: fc.Arbitrary<Answer> = fc.record({
  status: fc.oneof(fc.constantFrom(200, 204, 205, 206, 302, 304, 404, 422, 503), fc.integer({ min: 200, max: 599 })),
  contentType: fc.oneof(contentTypes.filter(isHeaderText), fc.constant(undefined)),
  headers: fc.array(
    fc.tuple(fc.constantFrom('x-a', 'x-b', 'set-cookie', 'location', 'etag', '__proto__'), headerText),
    {
      maxLength: 4,
    },
  ),
  body: fc
    .oneof(fc.constant(''), fc.constantFrom(...scalars), plainText, fc.uint8Array({ maxLength: 200 }))
    .map((content) => Buffer.from(content as string)),
});

/** From the model server's reply through adapter and gateway to the caller. */
export const replyCampaigns: readonly Campaign[] = kinds.map((kind) =>
  campaign(`the caller of a web action gets what an ${kind} model server replied`, async () => {
    const stage = await startStage(await serverSetting(kind, 'recorder.mjs'));
    return {
      inputs: answers,
      async check(answer) {
        const { status, contentType, headers, body } = answer;
        const typed = contentType === undefined ? headers : [...headers, ['content-type', contentType]];
        const reply = { status, headers: typed, body: body.toString('base64') };
        const received = await stage.call('/x', {
          headers: { 'x-reply': Buffer.from(JSON.stringify(reply)).toString('base64') },
        });
        assert.equal(received.status, status, received.text);
        for (const name of new Set(headers.map(([each]) => each))) {
          const sent = headers.filter(([each]) => each === name).map(([, value]) => value);
          assert.deepEqual(received.all(name), sent);
        }
        if (body.length === 0 || [204, 205, 304].includes(status)) assert.equal(received.body.length, 0);
        else assertContent(answer, received.all('content-type'), received.body);
      },
      close: stage.close,
    };
  }),
);

/** Every byte must be kept, except in text that is not UTF-8, which the platform cannot carry (README, Limits). */
function assertContent({ contentType: given, body }: Answer, types: readonly string[], received: Buffer): void {
  // Parameters that the controller cannot parse are left out.
  const contentType = readableContentType(given ?? '') ?? '';
  const sent = parseMediaType(contentType);
  const got = parseMediaType(types[0] ?? '');
  assert.equal(types.length, 1);
  if (sent === undefined) assert.deepEqual(types, ['application/octet-stream']);
  else assert.deepEqual([got?.type, got?.subtype], [sent.type, sent.subtype]);
  const isText = sent !== undefined && !isBinary(contentType);
  const isBytes = !isText || (isJsonFamily(contentType) && /^utf-?8$/i.test(sent.charset ?? 'utf-8'));
  if (isBytes || isUtf8(body, sent.charset)) assert.equal(received.toString('base64'), body.toString('base64'));
  else assert.ok(isUtf8(received, undefined), `no UTF-8: ${received.toString('latin1')}`);
}

function isUtf8(bytes: Uint8Array, charset: string | undefined): boolean {
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) return false;
  try {
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Whether a text is a valid header value. White space around it is not part of the value. */
function isHeaderText(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text) && text.trim() === text;
}
