import { afterAll, beforeAll, expect, it } from 'vitest';
import { send } from './support/send.ts';
import { startStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({}, [{ name: 'echo' }]);
});
afterAll(() => stage.close());

it.each(['/', '/api/v2/web/guest/default/echo', '/api/v1/nothing'])('unknown path %s is 404, compact', async (path) => {
  const reply = await send(stage.url + path);
  const code = reply.all('x-request-id')[0];
  expect(reply.status).toBe(404);
  expect(reply.text).toBe(`{"code":"${code}","error":"The requested resource could not be found."}`);
});

it('the API describes itself', async () => {
  expect((await send(`${stage.url}/api/v1`)).json()).toMatchObject({ api_version_path: 'v1' });
});

it.each([
  ['mine-1', 'mine-1'],
  ['sid_forged', expect.stringMatching(/^[0-9a-f]{32}$/)],
  [undefined, expect.stringMatching(/^[0-9a-f]{32}$/)],
])('X-Request-ID %s is answered and is the transaction id', async (given, expected) => {
  const reply = await stage.web(
    'guest/default/echo',
    given === undefined ? {} : { headers: { 'X-Request-ID': given } },
  );
  expect(reply.all('x-request-id')).toEqual([expected]);
  expect(stage.container.runs().at(-1)?.['transaction_id']).toBe(reply.all('x-request-id')[0]);
});

it('URL length up to the limit, beyond it 414', async () => {
  const path = '/api/v1/web/guest/default/echo?a=';
  const within = await send(stage.url + path + 'a'.repeat(8192 - path.length));
  const beyond = await send(stage.url + path + 'a'.repeat(8193 - path.length));
  expect([within.status, beyond.status]).toEqual([204, 414]);
});

it('malformed percent-encoding is 400', async () => {
  for (const target of ['guest/default/echo/%zz', 'guest/default/echo?a=%', '%/default/echo']) {
    expect((await stage.web(target)).status).toBe(400);
  }
});

it('methods outside the list are 405', async () => {
  const reply = await stage.web('guest/default/echo', { method: 'PROPFIND' });
  expect([reply.status, reply.all('allow')]).toEqual([405, ['GET, DELETE, POST, PUT, HEAD, OPTIONS, PATCH']]);
});

it('a result type with characters that no header can hold is answered with "?" in their place', async () => {
  stage.container.answer = () => ({ headers: { 'content-type': 'text/csv; x="é→"' }, body: 'a' });
  const reply = await stage.web('guest/default/echo');
  expect([reply.status, reply.all('content-type')]).toEqual([200, ['text/csv; x="é?"; charset=UTF-8']]);
  stage.container.answer = () => ({});
});

it('a request type that is no media type is 400', async () => {
  const reply = await stage.web('guest/default/echo', { method: 'POST', headers: { 'Content-Type': 'x' }, body: 'x' });
  expect(reply.status).toBe(400);
});
