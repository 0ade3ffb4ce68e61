import { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { closeGently } from '../../../../adapter/platforms/_http/refuse.ts';

test('a connection is closed only when its slow reader has the last bytes', async () => {
  const received: string[] = [];
  // Stands for a connection whose buffers are full: it takes bytes again after longer than a second.
  const socket = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      setTimeout(() => {
        received.push(chunk.toString());
        done();
      }, 1200);
    },
  });
  socket.write('last ');
  socket.write('words');
  closeGently(socket);
  await new Promise((resolve) => socket.once('close', resolve));
  expect(received).toEqual(['last ', 'words']);
});
