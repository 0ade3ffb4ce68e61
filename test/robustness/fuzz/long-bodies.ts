import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { Received } from '../../gateway/support/send.ts';
import { kinds, serverSetting } from '../support/rows.ts';
import { startStage } from '../support/stage.ts';
import { campaign, type Campaign } from './campaign.ts';

/** A body that is sent and comes back, under the same type. */
interface Long {
  readonly contentType: string;
  readonly body: Buffer;
}

/** OpenWhisk's limit of a request, and of a result, which is JSON. */
const limit = 1_048_576;
/** The most bytes of a result's status and headers. */
const envelope = 1000;

/** Around the length at which base64 fills a result, around the limit of a request, and any shorter length. */
const lengths = fc.oneof(
  fc.integer({ min: 1, max: limit }),
  fc.integer({ min: 785_000, max: 786_500 }),
  fc.integer({ min: limit - 5, max: limit }),
  // Around the adapter's piece length and its threshold for long strings.
  fc
    .tuple(fc.constantFrom(3072, 4096, 12_288, 16_384, 65_536), fc.integer({ min: -4, max: 4 }))
    .map(([near, by]) => near + by),
);

const bytes = fc.tuple(lengths, fc.nat()).map(([length, seed]) => noise(length, seed));

/** Characters of one to four bytes, some of which JSON writes as up to six. */
const units = ['a', ' ', '"', '\\', '\n', '\u0001', '\u007f', '\u00e9', '\u2028', '\u2744', '\u{1f600}', '/', '='];
const text = textOf(units);
/** U+FFFD may stand for lost bytes, unless the type says that the text is UTF-8 and it has no control characters. */
const replacedText = textOf([...units.filter((unit) => unit !== '\u0001'), '\ufffd']);

function textOf(characters: readonly string[]): fc.Arbitrary<Buffer> {
  return fc
    .tuple(lengths, fc.array(fc.constantFrom(...characters), { minLength: 1, maxLength: 8 }))
    .map(([length, some]) => {
      const pattern = some.join('');
      return Buffer.from(pattern.repeat(Math.floor(length / Buffer.byteLength(pattern))));
    });
}

const bodies: fc.Arbitrary<Long> = fc.oneof(
  fc.record({
    contentType: fc.constantFrom(
      'image/png',
      'multipart/form-data; boundary=x',
      'application/octet-stream',
      'audio/wav',
    ),
    body: bytes,
  }),
  fc.record({ contentType: fc.constantFrom('text/plain; charset=utf-8', 'text/csv', 'application/xml'), body: text }),
  fc.record({ contentType: fc.constant('text/plain; charset=utf-8'), body: replacedText }),
  fc.record({
    contentType: fc.constant('application/json'),
    // An array, which the platform does not turn into parameters, so it arrives unchanged.
    body: replacedText.map((content) => Buffer.from(JSON.stringify([content.toString().slice(0, limit / 8)]))),
  }),
);

/** Bodies up to the platform's limit, in both directions: every length and every byte is kept. */
export const longBodyCampaigns: readonly Campaign[] = kinds.flatMap((kind) =>
  [true, false].map((raw) => {
    const mode = raw ? 'raw' : 'standard';
    return campaign(
      `up to 1 MiB goes through a ${mode} web action to an ${kind} model server and back, or is a 413`,
      async () => {
        const stage = await startStage(await serverSetting(kind, 'recorder.mjs'), { raw });
        return {
          inputs: bodies,
          async check({ contentType, body }) {
            const echo = { status: 200, headers: [['content-type', contentType]] };
            const headers = {
              'content-type': contentType,
              'x-reply': Buffer.from(JSON.stringify(echo)).toString('base64'),
            };
            assertEcho(body, await stage.call('/x', { method: 'POST', headers, body }));
          },
          close: stage.close,
        };
      },
      15,
    );
  }),
);

function assertEcho(sent: Buffer, reply: Received): void {
  const shortest = Math.min((sent.length / 3) * 4, jsonLength(sent));
  const longest = Math.max((sent.length / 3) * 4, jsonLength(sent)) + envelope;
  if (reply.status === 413) {
    assert.ok(longest > limit, `${sent.length} bytes would have fitted: ${reply.text}`);
    if (sent.length <= limit) assert.equal(reply.json()['code'], 'RESULT_TOO_LARGE');
    return;
  }
  assert.equal(reply.status, 200, reply.text.slice(0, 1000));
  assert.ok(shortest <= limit);
  assert.ok(reply.body.equals(sent), `${sent.length} bytes came back as ${reply.body.length} others`);
}

function jsonLength(sent: Buffer): number {
  return Buffer.byteLength(JSON.stringify(sent.toString()));
}

/** Bytes of every value, the same for the same seed (a linear congruential generator's upper bits). */
function noise(length: number, seed: number): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  let state = seed;
  for (let index = 0; index < length; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    buffer[index] = state >>> 24;
  }
  return buffer;
}
