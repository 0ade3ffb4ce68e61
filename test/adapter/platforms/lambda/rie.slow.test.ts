import { afterEach, describe, expect, test } from 'vitest';
import { png } from '../../../contract/bodies.ts';
import { lacks } from '../../../support/requirements.ts';
import { kinds, serverSetting } from '../../../robustness/support/rows.ts';
import { fileRow, fixture } from './fixtures.ts';
import { functionUrl, streamingFunctionUrl } from './front-ends.ts';
import { startEmulator, type EmulatorProcess } from './rie.ts';

// What the emulator cannot do, and Lambda does:
// - it hands on a streamed reply only once it is complete;
// - it has no restore: with --enable-init-caching it takes the request of /restore/next, and answers it with the first
//   event, which no runtime expects there. So both hooks run, and that event is never answered;
// - it gives a start no time limit of its own, and none to the rest of a start in the first invocation;
// - it never freezes the process, and names no trace;
// - on Managed Instances it starts only /var/task/bootstrap and the like, and not an image's entrypoint
//   (rie-managed.slow.test.ts).
describe.skipIf(lacks('aws-lambda-rie'))("under AWS's Runtime Interface Emulator", () => {
  let emulator: EmulatorProcess;
  afterEach(() => emulator.stop());

  test('a PNG in an event of an HTTP API reaches the model server byte for byte', async () => {
    emulator = await startEmulator({ ...fileRow, predict: { ...fileRow.predict, path: '/seen' } });
    const reply = (await emulator.invoke({ ...fixture('http-api'), rawPath: '/prod' })) as Record<string, unknown>;
    const seen = JSON.parse(String(reply['body'])) as Record<string, unknown>;
    expect(reply).toMatchObject({ statusCode: 200, isBase64Encoded: false });
    expect([seen['url'], seen['body']]).toEqual(['/seen?tag=value1&tag=value2&threshold=0.5', png.toString('base64')]);
  });

  test('a direct invocation that the model refuses is a function error', async () => {
    emulator = await startEmulator({ ...fileRow, predict: { ...fileRow.predict, path: '/seen' } });
    expect(await emulator.invoke({})).toMatchObject({ errorType: 'INPUT', errorMessage: 'the input file is missing' });
  });

  test.each(kinds)('many calls, one after the other, reach one process of an %s model server', async (kind) => {
    const { row, environment } = await serverSetting(kind, 'faulty.mjs');
    emulator = await startEmulator(row, { environment });
    const pids = new Set<unknown>();
    for (let count = 0; count < 10; count++) pids.add(bodyOf(await emulator.invoke(get('/pid'))));
    expect(pids.size).toBe(1);
  });

  test('a streamed reply has its head, Lambda’s eight zero bytes and its body', async () => {
    emulator = await startEmulator(fileRow, { environment: { MODELWHISK_LAMBDA_RESPONSE_STREAM: 'true' } });
    const { text } = await emulator.send(streamingFunctionUrl.event(request('/seen')));
    const [head = '', body = ''] = text.split('\0'.repeat(8));
    expect(JSON.parse(head)).toMatchObject({
      statusCode: 200,
      headers: { 'content-type': expect.any(String) as string },
    });
    expect(JSON.parse(body)).toMatchObject({ method: 'GET', url: '/seen' });
  });

  test.each(kinds)('a model server (%s) that loses the call is a 502, and the next call is answered', async (kind) => {
    const { row, environment } = await serverSetting(kind, 'faulty.mjs');
    emulator = await startEmulator(row, { environment });
    expect(await emulator.invoke(get('/hang-up'))).toMatchObject({ statusCode: 502 });
    expect(await emulator.invoke(get('/ok'))).toMatchObject({ statusCode: 200 });
  });

  test('a model server that does not start is a failed start with the reason', async () => {
    const { row, environment } = await serverSetting('http', 'no-such-file.mjs');
    emulator = await startEmulator(row, { environment });
    const { status, text } = await emulator.send(get('/ok'));
    expect(status).toBe(502);
    expect(JSON.parse(text)).toMatchObject({ errorType: expect.stringMatching(/^MODEL_/) as string });
  });

  test('a call that takes longer than the function may is a 504 before the emulator’s own end', async () => {
    const { row, environment } = await serverSetting('http', 'faulty.mjs');
    emulator = await startEmulator(row, { environment: { ...environment, AWS_LAMBDA_FUNCTION_TIMEOUT: '2' } });
    expect(await emulator.invoke(get('/hang'))).toMatchObject({ statusCode: 504 });
    expect(await emulator.invoke(get('/ok'))).toMatchObject({ statusCode: 200 });
  });

  test('SIGTERM reaches the adapter, as Lambda sends it to functions with an extension', async () => {
    emulator = await startEmulator(fileRow);
    await emulator.invoke(get('/seen'));
    await emulator.stop();
    expect(emulator.output()).toContain('modelwhisk: SIGTERM: no new calls are taken');
  });

  test.each(kinds)('the hooks before the snapshot and after the restore are called, each once (%s)', async (kind) => {
    const { row, environment } = await serverSetting(kind, 'faulty.mjs');
    emulator = await startEmulator(row, {
      flags: ['--enable-init-caching'],
      environment: {
        ...environment,
        AWS_LAMBDA_INITIALIZATION_TYPE: 'snap-start',
        AWS_LAMBDA_FUNCTION_TIMEOUT: '1',
        MODELWHISK_LAMBDA_BEFORE_SNAPSHOT: '/ok?before',
        MODELWHISK_LAMBDA_AFTER_RESTORE: '/pid?after',
      },
    });
    expect((await emulator.send(get('/ok'))).text).toBe('Task timed out after 1.00 seconds');
    const calls = emulator
      .output()
      .split('\n')
      .filter((line) => line.includes('"activationId":"hook'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(calls.map(({ activationId, path, status }) => [activationId, path, status])).toEqual([
      ['hook before the snapshot', '/ok', 200],
      ['hook after the restore', '/pid', 200],
    ]);
  });
});

function request(path: string) {
  return { method: 'GET', path, query: '', headers: [], body: Buffer.alloc(0), timeLimit: 0 };
}

function get(path: string): object {
  return functionUrl.event(request(path));
}

function bodyOf(reply: unknown): unknown {
  return (reply as { readonly body: unknown }).body;
}
