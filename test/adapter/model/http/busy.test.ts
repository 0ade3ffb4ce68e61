import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { requestOf } from '../../../contract/suite.ts';
import { wholeReply } from '../../../support/whole-reply.ts';
import { startFixture, type Started } from './start.ts';

async function start(refusals: number, row: { busy?: number }): Promise<Started> {
  return startFixture({ BUSY: String(refusals) }, row);
}

test('a call that is refused by the status of a busy server is sent again until it is answered', async () => {
  const { get } = await start(5, { busy: 409 });
  expect(await get('/busy')).toBe('ok');
});

test('so is a call whose body still arrives', async () => {
  const { server } = await start(5, { busy: 409 });
  const stream = Readable.from([Buffer.from('in '), Buffer.from('parts')], { objectMode: false });
  const signal = AbortSignal.timeout(20_000);
  const request = { ...requestOf({ method: 'POST', path: '/busy', signal }), body: { stream, length: undefined } };
  expect((await wholeReply(server, request)).body.toString()).toBe('ok');
});

test('a call that a busy server refuses all the time gets a timeout', async () => {
  const { server, get } = await start(1_000_000, { busy: 409 });
  await server.ready();
  await expect(get('/busy', 300)).rejects.toMatchObject({
    code: 'MODEL_TIMEOUT',
    message: 'the model server was busy with other calls until the time was up',
  });
});

test.each([[{}], [{ busy: 503 }]])('without that status in its row, %j, the refusal is the answer', async (row) => {
  const { get } = await start(1, row);
  expect(await get('/busy')).toBe('busy');
});
