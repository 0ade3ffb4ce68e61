import { expect, test } from 'vitest';
import { countColdStarts } from '../../../cli/call/cold-starts.ts';
import { startClosingServer } from '../../support/closing-server.ts';

test('the count is unknown, and at once, where the connection is closed', { timeout: 5000 }, async () => {
  const server = await startClosingServer();
  const url = new URL(`http://127.0.0.1:${server.port}/`);
  expect(await countColdStarts(url, 'me:key', new Set(['a']), 0)).toBeUndefined();
  server.close();
});

test('the records of containers that started are counted', async () => {
  const records = [
    { activationId: 'a', annotations: [{ key: 'initTime' }] },
    { activationId: 'b', annotations: [{ key: 'waitTime' }] },
    { activationId: 'foreign', annotations: [{ key: 'initTime' }] },
  ];
  const server = await startClosingServer(0, (_request, response) => response.end(JSON.stringify(records)));
  const url = new URL(`http://127.0.0.1:${server.port}/api/v1/web/me/default/a`);
  expect(await countColdStarts(url, 'me:key', new Set(['a', 'b']), 0)).toBe(1);
  server.close();
});
