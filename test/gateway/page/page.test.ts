import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { send } from '../support/send.ts';
import { startStage, type Stage } from '../support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ page: async () => new Map() }, []);
});
afterAll(() => stage.close());

const run = '/_page/run?target=/api/v1/web/guest/default/echo&calls=1&concurrency=1';

test.each(['GET', 'HEAD', 'OPTIONS', 'PUT'])('%s starts no run', async (method) => {
  expect((await send(stage.url + run, { method })).status).toBe(405);
});

test.each(['', '2\r\nok\r\n'])(
  'a caller that leaves while it sends the body of a run is no error of the log',
  async (part) => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const socket = connect(Number(new URL(stage.url).port), '127.0.0.1');
    socket.write(
      `POST ${run} HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n${part}`,
    );
    await once(socket, 'data');
    socket.resetAndDestroy();
    expect((await send(`${stage.url}/_page/nothing`)).status).toBe(404);
    expect(log).not.toHaveBeenCalled();
    log.mockRestore();
  },
);
