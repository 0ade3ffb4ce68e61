import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { memoryGrowth } from '../../../support/process-memory.ts';
import { forThisTest } from '../../adapter-process.ts';
import { startFixture } from './model-servers.ts';

test('early hints without end, for a caller that does not read, leave the memory of the adapter flat', async () => {
  const { port, adapter } = await forThisTest(startFixture('kept.mjs', 'an http model server'));
  const socket = connect(port, '127.0.0.1');
  socket.write('GET /hints HTTP/1.1\r\nHost: a\r\n\r\n');
  await once(socket, 'data');
  socket.pause();
  // The time in which the model server sends hundreds of megabytes.
  const growth = await memoryGrowth(adapter.pid, async () => sleep(3000));
  socket.destroy();
  expect(growth).toBeLessThan(80);
});
