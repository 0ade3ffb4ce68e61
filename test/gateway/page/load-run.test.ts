import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { LoadRun } from '../../../gateway/page/load-run.ts';
import type { PageRun } from '../../../page/wire.ts';
import { startClosingServer } from '../../support/closing-server.ts';

const page = createServer();
afterEach(() => page.close());

/** A whole run against a gateway that closes the first connections. Resolves with its last progress. */
async function lastProgress(closed: number, calls: number, concurrency: number): Promise<PageRun> {
  const gateway = await startClosingServer(closed, (_request, response) => response.end());
  const ended = new Promise<PageRun>((resolve) => {
    const tell = (run: PageRun): void => void (run.ended === run.calls && resolve(run));
    const limits = { payloadLimit: 1000, idleLimit: 1000 };
    const run = new LoadRun(() => `http://127.0.0.1:${gateway.port}`, tell, limits);
    page.once('request', (message, response) => void run.start(message).then((problem) => response.end(problem)));
  });
  await once(page.listen(0, '127.0.0.1'), 'listening');
  const { port } = page.address() as AddressInfo;
  const query = `target=/api/v1/web/guest/default/echo&calls=${calls}&concurrency=${concurrency}`;
  const reply = await fetch(`http://127.0.0.1:${port}/_page/run?${query}`, { method: 'POST', body: 'x' });
  expect(await reply.text()).toBe('');
  const progress = await ended;
  gateway.close();
  return progress;
}

test('calls whose connection is closed fail, and the run ends', async () => {
  expect(await lastProgress(3, 5, 1)).toMatchObject({ calls: 5, ended: 5, failed: 3 });
});

test('many calls at a time cause no warning', async () => {
  const warn = vi.spyOn(process, 'emitWarning');
  expect(await lastProgress(0, 40, 40)).toMatchObject({ calls: 40, ended: 40, failed: 0 });
  expect(warn).not.toHaveBeenCalled();
  warn.mockRestore();
});
