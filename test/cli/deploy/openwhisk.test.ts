import { expect, test } from 'vitest';
import { firstAnswer } from '../../../cli/deploy/openwhisk.ts';
import { startClosingServer } from '../../support/closing-server.ts';

test('the first answer is waited for, also where a connection is closed without one', async () => {
  const server = await startClosingServer(1, (_request, response) => response.writeHead(404).end());
  await firstAnswer(`http://127.0.0.1:${server.port}/`, new AbortController().signal);
  expect(server.connections()).toBe(2);
  server.close();
});

test('an action that cannot start ends the wait with its message', async () => {
  const text = `{"code":"${'0'.repeat(32)}","error":"The action did not initialize."}`;
  const server = await startClosingServer(0, (_request, response) => response.writeHead(400).end(text));
  await expect(firstAnswer(`http://127.0.0.1:${server.port}/`, new AbortController().signal)).rejects.toMatchObject({
    code: 'NOT_STARTED',
    message: `the action does not start: ${text}`,
  });
  server.close();
});
