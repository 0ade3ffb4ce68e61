import { describe, expect, test } from 'vitest';
import { fileType } from '../../../adapter/inputs/content-type.ts';
import type { FileInput } from '../../../core/row.ts';

const png: FileInput = {
  kind: 'file',
  field: 'image',
  filename: 'image.png',
  contentType: 'image/png',
  contentTypeEnforced: false,
};
const anything: FileInput = { ...png, contentType: 'application/octet-stream' };

describe("a file's own Content-Type is kept", () => {
  test.each([
    ['where it is of the same kind as the row’s', 'image/jpeg', png],
    ['where the row accepts it', 'audio/x-wav', { ...png, accepts: ['audio/wav', 'audio/x-wav'] }],
    ['where the row accepts all of its kind', 'image/webp', { ...png, accepts: ['IMAGE/*'] }],
    ['with its parameters', 'Image/PNG; page=2', { ...png, accepts: ['image/png;q=1'] }],
    ['where the row says no more than "bytes"', 'text/csv', anything],
    ['where it is the one that the model enforces', 'image/png', { ...png, contentTypeEnforced: true }],
  ])('%s', (_, given, input) => {
    expect(fileType(given, input)).toBe(given);
  });
});

describe("the row's Content-Type replaces it", () => {
  test.each([
    ['if it is missing', undefined, png],
    ['where a file server calls it text', 'text/plain', png],
    ['where a file server calls it a download', 'application/x-download', png],
    ['where it only says bytes', 'application/octet-stream', png],
    ["where it only says bytes, in S3's words", 'binary/octet-stream', png],
    ['where the row accepts others', 'image/tiff', { ...png, accepts: ['image/png', 'image/jpeg'] }],
    ['where the model enforces another one', 'image/jpeg', { ...png, contentTypeEnforced: true }],
    ['where it would break out of the header', 'image/gif\r\nEvil: 1', png],
    ['if it is not a media type', 'image', png],
  ])('%s', (_, given, input) => {
    expect(fileType(given, input)).toBe('image/png');
  });
});
