import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { Header } from '../../../../adapter/http/message.ts';
import { eventually } from '../../../support/eventually.ts';
import { freePort } from '../../../support/free-port.ts';
import { residentMemory } from '../../../support/process-memory.ts';
import { adapterCommand, startListening, type ChildProcess } from '../../adapter-process.ts';
import { sendHttp } from '../../http-client.ts';
import { invocationId } from '../../platforms/azure/custom-handler.ts';
import { startLambdaFunction } from '../../platforms/lambda/start-lambda.ts';
import { modelServerKinds, startFixture } from '../../platforms/_http/model-servers.ts';
import { scfEnvironment } from '../../platforms/scf/host.ts';
import { vertexEnvironment } from '../../platforms/vertex/start-endpoint.ts';

/** The row of the model server that writes to its log, and the image's settings. */
async function talkative() {
  const port = await freePort();
  const server = { kind: 'http', port, environment: { PORT: String(port) }, ready: { kind: 'get', path: '/ready' } };
  const entrypoint = [process.execPath, join(import.meta.dirname, '../../../robustness/servers/talkative.mjs')];
  return {
    row: { name: 'talk', title: 'Talk', image: 'me/talk', server, predict: { path: '/say', input: { kind: 'json' } } },
    base: { MODELWHISK_BASE: JSON.stringify({ entrypoint, command: null, environment: {} }) },
  };
}

const stopping: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stopping.splice(0)) await stop();
});

function get(port: number, path: string, headers: readonly Header[] = []): Promise<unknown> {
  return sendHttp(port, { method: 'GET', path, query: '', headers, body: Buffer.alloc(0) });
}

/** Starts the adapter and lets the model server write to its log in one call. */
type Talk = (settings?: Readonly<Record<string, string>>) => Promise<Pick<ChildProcess, 'output'>>;

function overHttp(
  environment: (port: string) => Readonly<Record<string, string>>,
  headers: readonly Header[] = [],
  path = '/say',
): Talk {
  return async (settings = {}) => {
    const { row, base } = await talkative();
    const { port, adapter } = await startListening(row, (chosen) => ({ ...environment(chosen), ...base, ...settings }));
    stopping.push(() => adapter.stop());
    await get(port, path, headers);
    return adapter;
  };
}

const plainHttp = (PORT: string) => ({ K_SERVICE: 'talk', PORT });

const onLambda: Talk = async (settings = {}) => {
  const { row, base } = await talkative();
  const lambda = await startLambdaFunction(row, { ...base, ...settings });
  stopping.push(() => lambda.stop());
  const http = { method: 'GET', path: '/say', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' };
  const requestContext = { http, stage: '$default', requestId: 'a', domainName: 'x.lambda-url.aws' };
  await lambda.api.invoke({ version: '2.0', rawPath: '/say', rawQueryString: '', headers: {}, requestContext });
  return lambda;
};

const trace = '0af7651916cd43dd8448eb211c80319c';
const uuid = /^[\da-f-]{36}$/;

describe('the log', () => {
  test.each<[platform: string, talk: Talk, names: Readonly<Record<string, unknown>>]>([
    ['plain HTTP with traceparent', overHttp(plainHttp, [['traceparent', `00-${trace}-b7ad6b7169203331-01`]]), { traceId: trace }],
    ['Cloud Run', overHttp(plainHttp, [['X-Cloud-Trace-Context', `${trace}/1;o=1`]]), { traceId: trace }],
    ['Knative', overHttp(plainHttp, [['X-Request-Id', 'd2c1-77']]), { activationId: 'd2c1-77' }],
    ['a container behind a load balancer of AWS', overHttp(plainHttp, [['X-Amzn-Trace-Id', 'Root=1-67891233-abcdef']]), { traceId: '1-67891233-abcdef' }],
    ['SCF', overHttp((port) => ({ ...scfEnvironment, MODELWHISK_PORT: port }), [['X-Scf-Request-Id', 'scf-1'], ['X-Request-Id', 'other']]), { activationId: 'scf-1' }],
    ['Azure', overHttp((port) => ({ FUNCTIONS_CUSTOMHANDLER_PORT: port }), [['X-Azure-Functions-InvocationId', invocationId]], '/api/say'), { activationId: invocationId }],
    ['SageMaker', overHttp((port) => ({ MODELWHISK_PLATFORM: 'sagemaker', SAGEMAKER_BIND_TO_PORT: port }), [['X-Amzn-SageMaker-Inference-Id', 'sm-1'], ['traceparent', `00-${trace}-b7ad6b7169203331-01`], ['X-Amzn-Trace-Id', 'Root=1-67891233-abcdef']]), { activationId: 'sm-1', traceId: trace }],
    ['Vertex AI', overHttp(vertexEnvironment, [['X-Cloud-Trace-Context', `${trace}/1;o=1`]]), { traceId: trace }],
    ['Lambda', onLambda, { activationId: expect.stringMatching(uuid), traceId: expect.stringMatching(/^Root=/) }],
  ])('on %s has unchanged lines of JSON on their own stream, and names the call', async (_platform, talk, names) => {
    const adapter = await talk();
    const lines = (stream: 'stdout' | 'stderr'): string[] => adapter.output()[stream].split('\n');
    const line = await eventually('the call is in the log', () => lines('stdout').find((each) => each.includes('"status":200')), Boolean);
    expect(JSON.parse(line ?? '')).toMatchObject({ ...names, time: expect.stringMatching(/^\d{4}-.*Z$/) });
    await eventually('the model server is in it', () => lines('stdout'), (all) => all.some((each) => each.includes('cut off')));
    expect(lines('stdout')).toContain('{"severity":"INFO","message":"from stdout"}');
    await eventually('its other stream, too', () => lines('stderr'), (all) => all.includes('{"severity":"ERROR","message":"from stderr"}'));
    expect(lines('stdout')).toContain('model: Traceback, as plain text');
    expect(lines('stdout')).toContain('model: {"severity":"ERROR", cut off');
  }); // prettier-ignore

  test('has every line of the model server marked with MODELWHISK_LOG=off', async () => {
    const adapter = await overHttp(plainHttp)({ MODELWHISK_LOG: 'off' });
    const stdout = await eventually('all lines arrive', () => adapter.output().stdout, (log) => log.includes('cut off')); // prettier-ignore
    expect(stdout).toContain('model: {"severity":"ERROR","message":"from stderr"}\n');
  });

  test('that is not read blocks a model server that floods it, and loses no line', async () => {
    const { row, base } = await talkative();
    const [program = '', ...words] = await adapterCommand(row);
    const port = await freePort();
    const env = { ...plainHttp(String(port)), ...base, MODELWHISK_MODEL: JSON.stringify(row) };
    const adapter = spawn(program, words, { env, stdio: ['ignore', 'pipe', 'ignore'] });
    stopping.push(() => adapter.kill());
    await eventually('it answers', () => get(port, '/'));
    const before = residentMemory(adapter.pid ?? 0);
    const written = async (path = '/'): Promise<number> => {
      const { body } = (await get(port, path)) as { body: Buffer };
      return (JSON.parse(body.toString()) as { written: number }).written;
    };
    await written('/flood');
    let [last, now] = [-1, 0];
    while (now !== last) {
      await sleep(300);
      [last, now] = [now, await written()];
    }
    expect(now).toBeLessThan(10_000);
    expect(residentMemory(adapter.pid ?? 0) - before).toBeLessThan(30);
    let log = '';
    adapter.stdout.setEncoding('utf8').on('data', (text: string) => (log += text));
    await eventually('every line arrives', () => log.match(/^model: flood x{990}$/gm)?.length, (count) => count === 20_000); // prettier-ignore
    adapter.kill();
    await once(adapter, 'exit');
  });

  test.each(modelServerKinds)('whose reader has gone disturbs no call of %s', async (kind) => {
    const { port, adapter } = await startFixture('fragile.mjs', kind);
    stopping.push(() => adapter.stop());
    adapter.stopReading();
    const calls = Array.from({ length: 5 }, async () => (await fetch(`http://127.0.0.1:${port}/later`)).text());
    expect(await Promise.all(calls)).toEqual(Array(5).fill('later'));
    expect(await (await fetch(`http://127.0.0.1:${port}/later`)).text()).toBe('later');
  });

  test('that is not read drops lines about calls beyond a megabyte, and says how many', async () => {
    const { port, adapter } = await startFixture('fragile.mjs', 'an Express app');
    stopping.push(() => adapter.stop());
    adapter.pauseReading();
    const path = `/${'x'.repeat(4000)}`;
    for (let count = 0; count < 1000; count += 1) await get(port, path);
    adapter.resumeReading();
    const lines = (): string[] => adapter.output().stdout.split('\n').slice(0, -1);
    const told = (): number => Number(/dropped the lines of (\d+) calls/.exec(adapter.output().stdout)?.[1] ?? 0);
    await eventually('the log says so', async () => [await get(port, '/'), told()][1], Boolean);
    const calls = lines().filter((line) => line.includes(path)).length;
    expect(calls).toBeGreaterThan(200);
    expect(calls + told()).toBe(1000);
  });
});
