import { afterEach, describe, expect, test } from 'vitest';
import { kinds, type Kind, serverSetting } from '../../robustness/support/rows.ts';
import { startStage } from '../../robustness/support/stage.ts';
import { send } from '../../gateway/support/send.ts';
import { startOnPort } from '../platforms/http/start.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(() => Promise.all(closing.splice(0).map((close) => close())));

const path = '/v1/models/m:predict';
const batch = { path, input: '/instances', output: '/predictions', wait: 10_000, idempotent: true };

async function settingOf(kind: Kind) {
  const { row, environment } = await serverSetting(kind, 'lists.mjs');
  return { row: { ...row, batch }, environment };
}

type Call = (path: string, body?: string) => Promise<{ readonly status: number; readonly text: string }>;

function sending(url: string): Call {
  return (target, body) =>
    send(
      `${url}${target}`,
      body === undefined ? {} : { method: 'POST', body, headers: { 'content-type': 'application/json' } },
    );
}

type Entrance = (kind: Kind, environment?: Readonly<Record<string, string>>) => Promise<Call>;

const onGateway: Entrance = async (kind, environment = {}) => {
  const stage = await startStage(await settingOf(kind), { limits: { concurrency: 32 }, environment });
  closing.push(stage.close);
  return sending(`${stage.url}/api/v1/web/guest/default/subject`);
};

const onPlainHttp: Entrance = async (kind, environment = {}) => {
  const setting = await settingOf(kind);
  const { port, adapter } = await startOnPort(setting.row, { ...setting.environment, ...environment });
  closing.push(() => adapter.stop());
  return sending(`http://127.0.0.1:${port}`);
};

const entrances = { 'the gateway, with concurrency': onGateway, 'plain HTTP': onPlainHttp };
const cases = Object.entries(entrances).flatMap(([name, entrance]) =>
  kinds.map((kind) => [name, kind, entrance] as const),
);

describe.each(cases)('on %s, an %s model server', (_name, kind, entrance) => {
  test('answers simultaneous calls with few requests, and each with its own part', async () => {
    const call = await entrance(kind);
    await call('/sizes');
    const inputs = [1000, 1, 2, 13, 4.5, 1e21, 6, 7, 8, 9, 10];
    const replies = await Promise.all(inputs.map((value) => call(path, JSON.stringify({ instances: [value] }))));
    expect(replies.map(({ status, text }) => (status === 200 ? text : `${status} ${text}`))).toEqual(
      inputs.map((value) =>
        value === 13 ? '400 {"error":"13 is refused"}' : JSON.stringify({ predictions: [value * 2] }),
      ),
    );
    const sizes = JSON.parse((await call('/sizes')).text) as number[];
    expect(Math.max(...sizes)).toBeGreaterThan(3);
    // No call is lost, and only the calls of the failed batch were sent twice.
    const failed = sizes.filter((size) => size > 1);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(inputs.length + Math.max(...failed));
  });
});

test('MODELWHISK_BATCH=off sends each call alone', async () => {
  const call = await onPlainHttp('express', { MODELWHISK_BATCH: 'off' });
  await Promise.all([1, 2, 3, 4].map((value) => call(path, JSON.stringify({ instances: [value] }))));
  expect((await call('/sizes')).text).toBe('[1,1,1,1]');
});
