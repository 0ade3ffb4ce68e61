import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startListening, type ChildProcess } from '../adapter/adapter-process.ts';
import { expressStreams, nodeStreams } from '../contract/stream-models.ts';
import { openHttp, sendParts } from '../contract/stream-client.ts';
import { memoryGrowth } from '../support/process-memory.ts';

const gigabyte = 1024 * 1024 * 1024;

describe.each([nodeStreams, expressStreams])('a gigabyte over plain HTTP, through the adapter of $name', (model) => {
  let port: number;
  let adapter: ChildProcess;
  beforeAll(async () => {
    const { row, environment } = await model.create();
    ({ port, adapter } = await startListening(row, (PORT) => ({ K_SERVICE: 'big', PORT, ...environment })));
    // What the first calls load and compile is no part of the growth.
    await (
      await openHttp(port, '/pour?megabytes=64')
    ).ended;
  });
  afterAll(async () => void (await adapter.stop()));

  test('down, leaves its memory flat', async () => {
    const grown = await memoryGrowth(adapter.pid, async () => {
      const reply = await openHttp(port, '/pour?megabytes=1024');
      expect([await reply.ended, reply.bytes]).toEqual(['whole', gigabyte]);
    });
    expect(grown).toBeLessThan(64);
  });

  test('up, leaves its memory flat', async () => {
    const part = Buffer.alloc(1 << 20, 'u');
    const grown = await memoryGrowth(adapter.pid, async () => {
      const reply = await openHttp(port, '/sink', {
        method: 'POST',
        headers: { 'content-length': String(gigabyte) },
        send: (outgoing) => sendParts(outgoing, part, 1024),
      });
      expect([await reply.ended, reply.text]).toEqual(['whole', `{"bytes":${gigabyte}}`]);
    });
    expect(grown).toBeLessThan(64);
  });
});
