import { afterEach, describe, expect, test } from 'vitest';
import { serverSetting, type Kind } from '../../robustness/support/rows.ts';
import { spawnAdapter, type ChildProcess } from '../adapter-process.ts';
import { startAdapter } from '../start-adapter.ts';
import { getRequest, sendHttp } from '../http-client.ts';
import { functionUrl } from './lambda/front-ends.ts';
import { startLambdaFunction } from './lambda/start-lambda.ts';
import { startOnPort } from './http/start.ts';
import { startScfHost } from './scf/host.ts';

/** What the model server wrote or threw during another caller's call. */
const secrets: Readonly<Record<Kind, string>> = {
  http: 'CUDA error: out of memory',
  express: 'thrown outside of any handler',
};
const paths: Readonly<Record<Kind, string>> = { http: '/exit', express: '/throw' };

const closing: (() => Promise<unknown>)[] = [];
afterEach(() => Promise.all(closing.splice(0).map((close) => close())));

interface Reply {
  readonly text: string;
  readonly log: () => string;
}

/** Calls a failing route, as a caller over HTTP or by a direct invocation. */
type Entrance = (row: object, environment: Readonly<Record<string, string>>, path: string) => Promise<Reply>;

function logOf(adapter: ChildProcess): () => string {
  return () => adapter.output().stdout + adapter.output().stderr;
}

const overHttp: readonly [name: string, call: Entrance][] = [
  [
    'an OpenWhisk web action',
    async (row, environment, path) => {
      const adapter = await startAdapter(row, environment);
      closing.push(() => adapter.stop());
      const result = await adapter.run({ __ow_method: 'get', __ow_path: path, __ow_headers: {} });
      expect(result['statusCode']).toBe(502);
      return { text: JSON.stringify(result), log: logOf(adapter) };
    },
  ],
  [
    'plain HTTP',
    async (row, environment, path) => {
      const { port, adapter } = await startOnPort(row, environment);
      closing.push(() => adapter.stop());
      const { status, body } = await sendHttp(port, getRequest(path));
      expect(status).toBe(502);
      return { text: Buffer.from(body).toString(), log: logOf(adapter) };
    },
  ],
  [
    'a function URL of Lambda',
    async (row, environment, path) => {
      const lambda = await startLambdaFunction(row, environment);
      closing.push(() => lambda.stop());
      const { body } = await lambda.api.invoke(functionUrl.event(getRequest(path)));
      expect(JSON.parse(body.toString())).toMatchObject({ statusCode: 502 });
      return { text: body.toString(), log: logOf(lambda) };
    },
  ],
  [
    'an SCF web function',
    async (row, environment, path) => {
      const host = await startScfHost(row, environment);
      closing.push(() => host.close());
      const { status, body } = await host.web(getRequest(path));
      expect(status).toBe(502);
      return { text: Buffer.from(body).toString(), log: logOf(host.adapter) };
    },
  ],
];

describe.each<Kind>(['http', 'express'])('what a model server of kind %s wrote last', (kind) => {
  const failing = async (call: Entrance, environment: Readonly<Record<string, string>> = {}) => {
    const setting = await serverSetting(kind, 'faulty.mjs');
    return await call(setting.row, { ...setting.environment, ...environment }, paths[kind]);
  };

  test.each(overHttp)('stays in the log for a caller of %s', async (_name, call) => {
    const { text, log } = await failing(call);
    expect(text).toContain('MODEL_CRASHED');
    expect(text).not.toContain(secrets[kind]);
    await expect.poll(log).toContain(secrets[kind]);
  });

  test('reaches a caller if MODELWHISK_ERROR_OUTPUT says so', async () => {
    const [[, call]] = overHttp as [[string, Entrance]];
    expect((await failing(call, { MODELWHISK_ERROR_OUTPUT: 'reply' })).text).toContain(secrets[kind]);
  });

  const direct = async () =>
    serverSetting(kind, 'faulty.mjs', { predict: { path: paths[kind], method: 'GET', input: { kind: 'query' } } });

  test('is in the record of a plain invocation of OpenWhisk', async () => {
    const { row, environment } = await direct();
    const adapter = await startAdapter(row, environment);
    closing.push(() => adapter.stop());
    expect(JSON.stringify(await adapter.run({}))).toContain(secrets[kind]);
  });

  test('is in the function error of a direct invocation of Lambda', async () => {
    const { row, environment } = await direct();
    const lambda = await startLambdaFunction(row, environment);
    closing.push(() => lambda.stop());
    const { body } = await lambda.api.invoke({});
    expect(JSON.parse(body.toString())).toMatchObject({ errorType: 'MODEL_CRASHED' });
    expect(body.toString()).toContain(secrets[kind]);
  });
});

test('MODELWHISK_ERROR_OUTPUT with another value is refused by name', async () => {
  const { row } = await serverSetting('express', 'faulty.mjs');
  const adapter = await spawnAdapter(row, { MODELWHISK_ERROR_OUTPUT: 'yes', MODELWHISK_PORT: '0' });
  expect(await adapter.exited).toBe(1);
  expect(adapter.output().stderr).toContain('MODELWHISK_ERROR_OUTPUT is "yes"; expected "log" or "reply"');
});
