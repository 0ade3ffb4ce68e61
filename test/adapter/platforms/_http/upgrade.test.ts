import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { eventually } from '../../../support/eventually.ts';
import { forThisTest } from '../../adapter-process.ts';
import { startFixture } from './model-servers.ts';

test('a connection may have any number of calls whose Upgrade header is ignored', async () => {
  const { port, adapter } = await forThisTest(startFixture('kept.mjs', 'an Express app'));
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  let replies = '';
  socket.on('data', (part: string) => (replies += part));
  for (let count = 1; count <= 20; count += 1) {
    socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
    await eventually(
      `call ${count} is answered`,
      () => replies.split('HTTP/1.1 200 ').length - 1,
      (answered) => answered === count,
    );
  }
  socket.destroy();
  await adapter.stop();
  // Node.js warns there of listeners that are never removed.
  expect(adapter.output().stderr).toBe('');
});
