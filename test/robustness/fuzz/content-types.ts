import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { parseMediaType } from '../../../core/http/media-type.ts';
import { isBinary, isJsonFamily, looksLikeBase64 } from '../../../core/openwhisk/media-types.ts';
import { webResult } from '../../../adapter/platforms/openwhisk/response.ts';
import { parseContentType, renderContentType } from '../../../gateway/http/media-type.ts';
import { contentTypes } from './arbitraries.ts';
import { campaign, type Campaign } from './campaign.ts';

/** Repeated pieces on which a pattern with backtracking would take forever. */
const long = fc
  .tuple(
    fc.constantFrom('a/b', 'text/plain', ''),
    fc.constantFrom(';', ' ', '; ', ';a=b', ';a="b"', ';a="\\', '"', 'a', ';charset=', '; charset="x', '\\"', '\t;\t'),
    fc.integer({ min: 1, max: 50_000 }),
    fc.constantFrom('', 'x', ' x', '"', ';', '=', '\n'),
  )
  .map(([start, piece, times, end]) => start + piece.repeat(times) + end);

/** Content types. They decide between text and base64 on both sides. */
export const contentTypeCampaigns: readonly Campaign[] = [
  campaign(
    'whatever a content type looks like, both sides read it alike and soon',
    () => ({
      inputs: fc.oneof(contentTypes, long, fc.string({ unit: 'binary' })),
      check(contentType) {
        const media = parseMediaType(contentType);
        const parsed = parseContentType(contentType);
        // The adapter parses every type that the controller parses and lets pass: a header has at most 8,192 characters.
        const passes = contentType.length <= 8192;
        assert.ok(parsed === undefined || media !== undefined || !passes);
        const rendered = parsed && passes ? renderContentType(parsed) : undefined;
        if (rendered !== undefined) {
          const again = parseMediaType(rendered);
          assert.deepEqual([again?.type, again?.subtype], [media?.type, media?.subtype]);
          assert.equal(isJsonFamily(rendered), isJsonFamily(contentType));
          assert.equal(isBinary(rendered), isBinary(contentType));
        }
        looksLikeBase64(contentType);
        const result = webResult(
          { status: 200, headers: [['content-type', contentType]], body: Buffer.from('é') },
          'GET',
          'model',
        );
        assert.equal(typeof JSON.parse(JSON.stringify(result.body)), 'string');
      },
    }),
    500,
  ),
];
