import { expect, test } from 'vitest';
import { emulatorConnectionString, isLocal, parseConnectionString } from '../../../azure/signalr/connection-string.ts';

test.each([
  [emulatorConnectionString, 'http://localhost:8888', true],
  ['Endpoint=https://n.service.signalr.net;AccessKey=a=;Version=1.0;', 'https://n.service.signalr.net', false],
  ['endpoint = http://127.0.0.1:9 ; accesskey=k', 'http://127.0.0.1:9', true],
  ['Endpoint=http://[::1]:9/;AccessKey=k', 'http://[::1]:9', true],
])('%s is a service at %s', (text, endpoint, local) => {
  const account = parseConnectionString(text, 'X');
  expect([account.endpoint, isLocal(account)]).toEqual([endpoint, local]);
  expect(account.key).not.toBe('');
});

test.each(['', 'Endpoint=x;AccessKey=secret', 'Endpoint=https://x', 'Endpoint=http://x;Port=y;AccessKey=secret'])(
  '%j is refused, without the key in the message',
  (text) => {
    const parse = (): unknown => parseConnectionString(text, 'AzureSignalRConnectionString');
    expect(parse).toThrow(/^AzureSignalRConnectionString is ".*"; expected Endpoint=URL;AccessKey=KEY/);
    expect(parse).not.toThrow('secret');
  },
);
