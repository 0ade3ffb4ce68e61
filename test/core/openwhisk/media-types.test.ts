import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isBinary, isJsonFamily, looksLikeBase64 } from '../../../core/openwhisk/media-types.ts';

// The gateway and the adapter share this table, so a round trip between them cannot detect an error in it. The
// reference is a real OpenWhisk (1fae641a, pekko-http 1.1.0): how it passed a body to a raw action, by type.
const recorded = Object.entries(
  JSON.parse(readFileSync(join(import.meta.dirname, '../../fixtures/openwhisk/media-types.json'), 'utf8')) as Record<
    string,
    'binary' | 'text'
  >,
);

test.each(recorded)('%s is %s to a real OpenWhisk, and here', (contentType, kind) => {
  // Only a raw action gets application/json as base64, although the type is text (WebActions.scala).
  const isRawJson = isJsonFamily(contentType) && /^application\/json *(;|$)/i.test(contentType);
  expect(isRawJson || isBinary(contentType) ? 'binary' : 'text').toBe(kind);
});

describe("Pekko's rule for binary and text, and the controller's for JSON", () => {
  test.each([
    // [content type, binary, JSON family]
    [undefined, true, false],
    ['application/json', false, true],
    ['application/json; charset=latin1', false, true],
    ['application/json; v=1', false, false],
    ['APPLICATION/JSON', false, true],
    ['application/json;', false, true],
    ['application/problem+json', false, true],
    ['application/hal+json', true, true],
    ['application/hal+json; charset=utf-8', false, true],
    ['application/ld+json; profile="https://a;b"', true, false],
    ['application/x-www-form-urlencoded', false, false],
    ['text/event-stream', false, false],
    ['text/html', false, false],
    ['text/html; charset="iso-8859-1"', false, false],
    ['text/x-script.perl', true, false],
    ['text/javascript', true, false],
    ['text/javascript; charset=utf-8', false, false],
    ['application/javascript', false, false],
    ['application/x-ndjson', true, false],
    ['application/x-npy', true, false],
    ['application/xml', false, false],
    ['image/svg+xml', true, false],
    ['image/svg+xml; charset=utf-8', true, false],
    ['image/png', true, false],
    ['image/bmp', true, false],
    ['image/bmp; charset=utf-8', false, false],
    ['application/octet-stream; charset=utf-8', true, false],
    ['application/vnd.oasis.opendocument.text; charset=utf-8', true, false],
    ['audio/wav', true, false],
    ['multipart/form-data; boundary=x', true, false],
    ['multipart/mixed; charset=utf-8', true, false],
    ['not a type', true, false],
    ['', true, false],
  ])('%s: binary %s, JSON %s', (contentType, binary, json) => {
    expect([isBinary(contentType), isJsonFamily(contentType)]).toEqual([binary, json]);
  });

  test.each([
    ['true', true],
    ['null\n', true],
    ['1234', true],
    ['12345', false],
    ['AA==', true],
    ['A===', false],
    ['', false],
    ['{"a":1}', false],
    ['[1]', false],
    ['"abcd"', false],
    ['ab d', false],
  ])('treats %j as base64: %s', (text, expected) => {
    expect(looksLikeBase64(text)).toBe(expected);
  });
});
