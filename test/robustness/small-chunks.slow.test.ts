import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startListening, type ChildProcess } from '../adapter/adapter-process.ts';
import { startStage } from '../gateway/support/stage.ts';
import { freePort } from '../support/free-port.ts';
import { memoryGrowth } from '../support/process-memory.ts';

/** What a connection brings back, and by how many MiB the process grew meanwhile. */
async function exchange(port: number, pid: number, head: string, parts = 0) {
  let text = '';
  let bytes = 0;
  const growth = await memoryGrowth(pid, async () => {
    const socket = connect(port, '127.0.0.1');
    socket.on('data', (part) => {
      bytes += part.length;
      text = (text + part.toString('latin1')).slice(-1000);
    });
    socket.write(head);
    let left = parts;
    const more = (): void => {
      while (left > 0) {
        left -= 1;
        if (!socket.write(manyChunks)) {
          socket.once('drain', more);
          return;
        }
      }
      if (parts > 0) socket.write('0\r\n\r\n');
    };
    more();
    await once(socket, 'close');
  });
  return { text, bytes, growth };
}

const manyChunks = '1\r\nx\r\n'.repeat(21_000);
const upload = 'Host: 127.0.0.1\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n';

describe('chunks of one byte', () => {
  let port: number;
  let adapter: ChildProcess;
  beforeAll(async () => {
    const model = await freePort();
    const ready = { kind: 'get', path: '/ready' };
    const server = { kind: 'http', port: model, environment: { PORT: String(model) }, ready };
    const predict = { path: '/predict', input: { kind: 'json' } };
    const entrypoint = [process.execPath, join(import.meta.dirname, 'servers/small-chunks.mjs')];
    const base = JSON.stringify({ entrypoint, command: null, environment: {} });
    ({ port, adapter } = await startListening(
      { name: 'chunks', title: 'Chunks', image: 'me/chunks', server, predict },
      (chosen) => ({ K_SERVICE: 'chunks', PORT: chosen, MODELWHISK_BASE: base }),
    ));
  });
  afterAll(async () => void (await adapter.stop()));

  test('two million of them in a request grow the adapter by less than 90 MiB', async () => {
    const { text, growth } = await exchange(port, adapter.pid, `POST /sink HTTP/1.1\r\n${upload}`, 100);
    expect(text).toContain('{"bytes":2100000}');
    expect(growth).toBeLessThan(90);
  });

  test('three million of them in a reply cost the adapter less than 90 MiB, and arrive joined', async () => {
    const head = 'GET /ones HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
    const { bytes, growth } = await exchange(port, adapter.pid, head);
    expect(bytes).toBeGreaterThan(3_000_000);
    expect(bytes).toBeLessThan(6_000_000);
    expect(growth).toBeLessThan(90);
  });
});

describe('chunks of one byte, sent to the gateway', () => {
  test('two million of them grow it by less than 100 MiB, client and all, and are refused as too many', async () => {
    const stage = await startStage();
    const head = `POST /api/v1/web/guest/proxy/export_c.json HTTP/1.1\r\n${upload}`;
    const { text, growth } = await exchange(Number(new URL(stage.url).port), process.pid, head, 100);
    await stage.close();
    expect(text).toContain('HTTP/1.1 413');
    expect(growth).toBeLessThan(100);
  });
});
