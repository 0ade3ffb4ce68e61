import { describe, expect, test } from 'vitest';
import { resultLine } from '../../../cli/call/result-line.ts';
import type { CallResult } from '../../../cli/call/send.ts';

const reply = (contentType: string, body: string | Buffer): CallResult => ({
  kind: 'reply',
  status: 200,
  milliseconds: 1.2345,
  contentType,
  activationId: undefined,
  body: Buffer.from(body),
});

describe('the line for one input', () => {
  test.each<[kind: string, result: CallResult, line: string]>([
    [
      'holds JSON as JSON, on one line, with every digit',
      reply('application/json; charset=utf-8', '{\n  "id": 12345678901234567890,\n  "p": 0.10\n}'),
      '{"input":"a.png","status":200,"milliseconds":1.23,"reply":{"id":12345678901234567890,"p":0.10}}\n',
    ],
    [
      'holds JSON that is none as text',
      reply('application/json', '{'),
      '{"input":"a.png","status":200,"milliseconds":1.23,"reply":"{"}\n',
    ],
    [
      'holds text as text',
      reply('text/plain', 'a\nb'),
      '{"input":"a.png","status":200,"milliseconds":1.23,"reply":"a\\nb"}\n',
    ],
    [
      'holds other bytes as base64 beside their type',
      reply('image/png', Buffer.from([0x89, 0x50])),
      '{"input":"a.png","status":200,"milliseconds":1.23,"contentType":"image/png","base64":"iVA="}\n',
    ],
    ['holds nothing for an empty body', reply('', ''), '{"input":"a.png","status":200,"milliseconds":1.23}\n'],
    [
      'names what went wrong',
      { kind: 'failure', code: 'ENOENT', message: 'no such file', milliseconds: 0 },
      '{"input":"a.png","error":{"code":"ENOENT","message":"no such file"},"milliseconds":0}\n',
    ],
  ])('%s', (_kind, result, line) => {
    expect(resultLine('a.png', result)).toBe(line);
  });
});
