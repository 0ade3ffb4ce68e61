import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createAction } from '../../../gateway/action.ts';
import { createGateway, type Gateway } from '../../../gateway/server.ts';
import { type ActionContainer, sendJson, startActionContainer } from '../support/action-container.ts';

let workers: ActionContainer[];
/** Calls in progress of each worker. */
let open: ServerResponse[][];
let gateway: Gateway;
let url: string;

beforeEach(async () => {
  workers = await Promise.all([1, 2, 3].map(async () => startActionContainer()));
  open = workers.map(() => []);
  for (const [index, worker] of workers.entries()) {
    worker.handle = (path, response) => {
      if (path === '/init') sendJson(response, 200, {});
      else open[index]?.push(response);
    };
  }
  const source = {
    kind: 'workers',
    workers: { kind: 'list', urls: workers.map((worker) => worker.url) },
    dnsServer: undefined,
  } as const;
  gateway = createGateway({ actions: [createAction({ name: 'ocr', source, limits: { concurrency: 4 } })] });
  url = `${await gateway.listen(0, '127.0.0.1')}/api/v1/web/guest/default/ocr`;
});

afterEach(async () => {
  await gateway.close();
  await Promise.all(workers.map((worker) => worker.close()));
});

/** Begins calls one after the other. */
async function begin(count: number): Promise<Promise<number>[]> {
  const calls: Promise<number>[] = [];
  for (let call = 0; call < count; call += 1) {
    const before = open.flat().length;
    calls.push(fetch(url).then(({ status }) => status));
    await expect.poll(() => open.flat().length).toBe(before + 1);
  }
  return calls;
}

function end(responses: ServerResponse[]): void {
  for (const response of responses.splice(0)) sendJson(response, 200, {});
}

test('a call goes to the worker with the fewest calls in progress', async () => {
  const first = await begin(6);
  expect(open.map(({ length }) => length)).toEqual([2, 2, 2]);
  end(open[1] ?? []);
  expect(await Promise.race(first)).toBe(204);
  const second = await begin(2);
  expect(open.map(({ length }) => length)).toEqual([2, 2, 2]);
  for (const responses of open) end(responses);
  expect(new Set(await Promise.all([...first, ...second]))).toEqual(new Set([204]));
});

test.each<[title: string, fail: (response: ServerResponse) => unknown]>([
  ['closes the connection', (response) => response.destroy()],
  ['says that it is about to end', (response) => response.writeHead(503, { 'Content-Length': 0 }).end()],
])('a call whose worker %s goes to another one', async (_title, fail) => {
  const [call] = await begin(1);
  const failing = open.findIndex(({ length }) => length === 1);
  const [response] = open[failing]?.splice(0) ?? [];
  if (response !== undefined) fail(response);
  await expect.poll(() => open.findIndex(({ length }) => length === 1)).not.toBe(-1);
  expect(open[failing]).toEqual([]);
  for (const responses of open) end(responses);
  expect(await call).toBe(204);
});

test('if no worker answers, the call fails within the time limit of the action', async () => {
  await gateway.close();
  await Promise.all(workers.map((worker) => worker.close()));
  const source = {
    kind: 'workers',
    workers: { kind: 'list', urls: workers.map((worker) => worker.url) },
    dnsServer: undefined,
  } as const;
  gateway = createGateway({ actions: [createAction({ name: 'ocr', source, limits: { timeout: 300 } })] });
  url = `${await gateway.listen(0, '127.0.0.1')}/api/v1/web/guest/default/ocr`;
  expect((await fetch(url)).status).toBe(400);
});
