import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { findPredictRoute } from '../../cli/find-predict-route.ts';
import { modelRow } from '../../core/row.ts';
import { dockerCommand } from '../../image/engines/docker/command.ts';
import { type FakeDocker, makeFakeDocker } from '../support/fake-docker.ts';

let server: Server | undefined;
let docker: FakeDocker | undefined;
afterEach(async () => {
  server?.close();
  await docker?.remove();
});

const { server: serverRow, predict } = modelRow.parse({
  name: 'model',
  title: 'Model',
  image: 'me/model',
  server: { kind: 'http', port: 5000, environment: { API_KEY: 'secret', HOME: '/model' } },
  predict: { path: '/guessed', input: { kind: 'json' } },
});

test('a route is found in a container whose variables are not on the command line of docker', async () => {
  server = createServer((request, response) => {
    request.resume();
    response.writeHead(request.url === '/classify' && request.method === 'POST' ? 200 : 404).end();
  });
  await new Promise<void>((resolve) => void server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  // A Docker that publishes the port after a while.
  docker = await makeFakeDocker(`
if (command === 'port') {
  let looks = 0;
  try { looks = Number(readFileSync(state, 'utf8')); } catch {}
  writeFileSync(state, String(looks + 1));
  if (looks > 0) console.log('127.0.0.1:${port}');
}`);
  const environment = { PATH: docker.path, HOME: '/home/me' };
  if (serverRow.kind !== 'http') throw new TypeError('the row is of another kind');
  const found = await findPredictRoute(
    { image: 'me/model', server: serverRow, predict },
    dockerCommand(environment),
    new AbortController().signal,
  );
  expect(found).toMatchObject({ flag: 'POST /classify json', status: 200 });
  const calls = await docker.calls();
  expect(calls.flatMap(({ words }) => words).filter((word) => /secret|\/model$/.test(word))).toEqual(['me/model']);
  const [run] = calls;
  expect(run?.environment).toMatchObject({ API_KEY: 'secret', HOME: '/home/me' });
  expect(run?.file?.text).toBe('HOME=/model\n');
  expect(calls.at(-1)?.words[0]).toBe('rm');
});
