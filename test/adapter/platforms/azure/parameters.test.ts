import { describe, expect, test } from 'vitest';
import type { ModelRow } from '../../../../core/row.ts';
import { modelRow } from '../../../../core/row.ts';
import { parametersOf, sourceUrl } from '../../../../adapter/platforms/azure/parameters.ts';
import type { AzureInput } from '../../../../adapter/platforms/azure/trigger-value.ts';

function rowWith(input: unknown): ModelRow {
  const server = { kind: 'express', module: 'app.js' };
  return modelRow.parse({ name: 'm', title: 'M', image: 'm', server, predict: { input } });
}

const file = rowWith({ kind: 'file', field: 'image', filename: 'a.png', contentType: 'image/png' });
const json = rowWith({ kind: 'json' });
const url = 'https://example.com/7.png';

function message(value: unknown): AzureInput {
  return typeof value === 'string' ? { kind: 'text', text: value } : { kind: 'parameters', parameters: value };
}

function blob(text: string): AzureInput {
  return { kind: 'blob', base64: Buffer.from(text).toString('base64'), url };
}

describe('the parameters of a message or blob', () => {
  test.each([
    ['a text is the file', file, message(url), { image: url }],
    ['url is the file', file, message({ url, threshold: 1 }), { image_url: url, threshold: 1 }],
    [
      'url is left alone where the file is named',
      file,
      message({ url, image_base64: 'AA==' }),
      { url, image_base64: 'AA==' },
    ],
    ['other keys pass', file, message({ image_url: url }), { image_url: url }],
    ['a blob is the file', file, blob('PNG'), { image_base64: 'UE5H' }],
    ['an object is the JSON body', json, message({ url, n: 1 }), { url, n: 1 }],
    ['bytes are the file', file, { kind: 'bytes', bytes: Buffer.from('PNG') }, { image_base64: 'UE5H' }],
    ["an event's URL is the file", file, { kind: 'url', url }, { image_url: url }],
    ["an event's URL is a parameter", json, { kind: 'url', url }, { url }],
    ["a blob's object is the JSON body", json, blob('{"n":1}'), { n: 1 }],
  ] as readonly [string, ModelRow, AzureInput, object][])('%s', (_title, row, invocation, expected) => {
    // Compared as JSON, because numbers, arrays and objects are JsonText.
    expect(JSON.parse(JSON.stringify(parametersOf(invocation, row)))).toEqual(expected);
  });

  test.each([
    ['text for a model that takes JSON', json, message('hello'), 'the message is "hello"; expected a JSON object'],
    ['a list', file, message([1]), 'the message is [1]; expected a JSON object'],
    ['a blob that is not JSON', json, blob('PNG'), 'the blob is "PNG"; expected a JSON object'],
  ])('are refused for %s', (_title, row, invocation, expected) => {
    expect(() => parametersOf(invocation, row)).toThrow(
      expect.objectContaining({ status: 400, message: expect.stringContaining(expected) as string }) as Error,
    );
  });
});

describe('the URL in the message about the result', () => {
  test.each([
    ['the text', file, message(url), url],
    ['url', file, message({ url }), url],
    ['the URL under the name of the file', file, message({ image_url: url }), url],
    ["the blob's", file, blob('PNG'), url],
    ["the event's", file, { kind: 'url', url }, url],
    ['none for data', file, message({ image: 'data:image/png;base64,AAAA' }), undefined],
    ['none for base64', file, message('AAAA'), undefined],
  ] as readonly [string, ModelRow, AzureInput, string | undefined][])('is %s', (_title, row, invocation, expected) => {
    expect(sourceUrl(invocation, row)).toBe(expected);
  });
});
