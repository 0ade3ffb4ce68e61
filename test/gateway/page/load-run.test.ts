import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { LoadRun } from '../../../gateway/page/load-run.ts';
import type { PageRun } from '../../../page/wire.ts';
import { startClosingServer } from '../../support/closing-server.ts';

const page = createServer();
afterEach(() => page.close());

test('calls whose connection is closed fail, and the run ends', async () => {
  const gateway = await startClosingServer(3, (_request, response) => response.end());
  const ended = new Promise<PageRun>((resolve) => {
    const tell = (run: PageRun): void => void (run.ended === run.calls && resolve(run));
    const run = new LoadRun(() => `http://127.0.0.1:${gateway.port}`, tell, 1000);
    page.on('request', (message, response) => void run.start(message).then((problem) => response.end(problem)));
  });
  await once(page.listen(0, '127.0.0.1'), 'listening');
  const { port } = page.address() as AddressInfo;
  const query = 'target=/api/v1/web/guest/default/echo&calls=5&concurrency=1';
  const reply = await fetch(`http://127.0.0.1:${port}/_page/run?${query}`, { method: 'POST', body: 'x' });
  expect(await reply.text()).toBe('');
  expect(await ended).toMatchObject({ calls: 5, ended: 5, failed: 3 });
  gateway.close();
});
