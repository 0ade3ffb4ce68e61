import { describe, expect, test } from 'vitest';
import type { Header } from '../../../../adapter/http/message.ts';
import { httpOutput } from '../../../../adapter/platforms/azure/response.ts';
import { resultMessage } from '../../../../adapter/platforms/azure/signalr.ts';

function output(headers: Header[], body: Buffer, method = 'GET'): unknown {
  return httpOutput({ status: 200, headers, body }, method);
}

describe('httpOutput', () => {
  test.each([
    ['bytes of text stay', 'application/json', Buffer.from('\uFEFF{"é":1}'), 'application/json', '\uFEFF{"é":1}'],
    [
      'other charsets become UTF-8',
      'text/plain; charset=iso-8859-1',
      Buffer.from('é', 'latin1'),
      'text/plain; charset=utf-8',
      'é',
    ],
    ['any type of text goes', 'application/x-own', Buffer.from('text'), 'application/x-own', 'text'],
  ])('%s', (_title, type, body, sentType, sentBody) => {
    const headers: Header[] = [['Content-Type', type]];
    expect(output(headers, body)).toEqual({ statusCode: 200, headers: { 'content-type': sentType }, body: sentBody });
  });

  test('joins repeated headers and leaves out those of the connection', () => {
    const headers: Header[] = [
      ['Vary', 'a'],
      ['vary', 'b'],
      ['Connection', 'close'],
      ['Content-Length', '0'],
    ];
    expect(output(headers, Buffer.alloc(0))).toEqual({ statusCode: 200, headers: { vary: 'a, b' }, body: '' });
  });

  test('has no body for HEAD', () => {
    expect(output([], Buffer.from('text'), 'HEAD')).toMatchObject({ body: '' });
  });

  test.each([
    ['bytes', [['Content-Type', 'image/png']], Buffer.from([0x89, 0x50]), 'of type image/png is not UTF-8 text'],
    [
      'bytes of another charset',
      [['Content-Type', 'text/a; charset=us-ascii']],
      Buffer.from([0xff]),
      'is not us-ascii text',
    ],
    [
      'two cookies',
      [
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
      ],
      Buffer.alloc(0),
      'sets more than one cookie',
    ],
    ['a header beyond ASCII', [['X-Name', 'é']], Buffer.alloc(0), 'has bytes beyond ASCII in its header x-name'],
  ] as [string, Header[], Buffer, string][])(
    'is a 502 that says what to do for %s',
    (_title, headers, body, reason) => {
      const { statusCode, body: text } = output(headers, body) as { statusCode: number; body: string };
      expect(statusCode).toBe(502);
      expect(JSON.parse(text)).toMatchObject({
        code: 'RESULT_NOT_TEXT',
        message: expect.stringContaining(reason) as string,
        hint: expect.stringContaining('enableForwardingHttpRequest') as string,
      });
    },
  );
});

describe('resultMessage', () => {
  test.each([
    [
      'the label of the most probable prediction',
      {
        predictions: [
          { label: 'a', probability: 0.1 },
          { label: 'b', probability: 0.9 },
        ],
      },
      'b',
    ],
    ["Custom Vision's names", { predictions: [{ tagName: 'cat', probability: 0.5 }] }, 'cat'],
    ["the model's own word", { predictedTagName: 'dog', predictions: [{ label: 'cat' }] }, 'dog'],
    ['the first without probabilities', { predictions: [{ label: 'a' }, { label: 'b' }] }, 'a'],
    ['null without predictions', { predictions: [] }, null],
    ['null for something else', { text: 'hello' }, null],
  ])('tells %s', (_title, result, predictedTagName) => {
    expect(resultMessage('newResult', result, 'https://x/1.png')).toEqual({
      target: 'newResult',
      arguments: [{ ...result, predictedTagName, url: 'https://x/1.png' }],
    });
  });
});
