import { join } from 'node:path';
import parsePrometheusTextFormat from 'parse-prometheus-text-format';
import { afterEach, describe, expect, test } from 'vitest';
import { freePort } from '../../support/free-port.ts';
import { eventually } from '../../support/eventually.ts';
import { type ChildProcess, spawnAdapter } from '../adapter-process.ts';
import { sendHttp } from '../http-client.ts';
import { startOnPort } from '../platforms/http/start.ts';
import { startContainer } from '../platforms/sagemaker/start-endpoint.ts';
import { echoServer } from '../echo-server.ts';

const base = { name: 'echo', title: 'Echo', image: 'me/echo', predict: { path: '/mirror', input: { kind: 'json' } } };
const express = {
  ...base,
  server: echoServer,
};

/** A server of its own process, which is asked for /health until it is ready. */
async function processRow(environment: Readonly<Record<string, string>> = {}) {
  const port = await freePort();
  const fixture = join(import.meta.dirname, '../model/http/fixtures/server.mjs');
  const ready = { kind: 'get', path: '/health' };
  const server = { kind: 'http', port, environment: { PORT: String(port), ...environment }, ready };
  const command = { entrypoint: [process.execPath, fixture], command: null, environment: {} };
  return { row: { ...base, server }, variables: { MODELWHISK_BASE: JSON.stringify(command) }, port };
}

const running: ChildProcess[] = [];
afterEach(async () => void (await Promise.all(running.splice(0).map((adapter) => adapter.stop()))));

async function ask(port: number, path: string, method = 'GET', body = '') {
  const reply = await sendHttp(port, { method, path, query: '', headers: [], body: Buffer.from(body) });
  return { ...reply, text: Buffer.from(reply.body).toString() };
}

/** The value of each metric, by its name and labels; of a histogram, how many it has counted. */
async function metricsAt(port: number): Promise<Readonly<Record<string, number>>> {
  const families = parsePrometheusTextFormat((await ask(port, '/metrics')).text);
  return Object.fromEntries(
    families.flatMap(({ name, metrics }) =>
      metrics.map(({ value, count, labels }) => {
        const [label] = Object.values(labels ?? {});
        return [label === undefined ? name : `${name} ${label}`, Number(value ?? count)] as const;
      }),
    ),
  );
}

describe('MODELWHISK_METRICS_PORT', () => {
  test('serves metrics that a parser of the format reads, while calls come', async () => {
    const metricsPort = await freePort();
    const { port, adapter } = await startOnPort(express, { MODELWHISK_METRICS_PORT: String(metricsPort) });
    running.push(adapter);
    const calls = Array.from({ length: 40 }, (_, index) =>
      ask(port, index % 4 ? '/mirror' : '/status/404', 'POST', '12345'),
    );
    const [during] = await Promise.all([metricsAt(metricsPort), ...calls]);
    expect(during).toHaveProperty('modelwhisk_calls_in_progress');
    const after = await metricsAt(metricsPort);
    expect(after).toMatchObject({
      'modelwhisk_calls_total 200': 40,
      modelwhisk_calls_in_progress: 0,
      modelwhisk_call_seconds: 40,
      modelwhisk_model_seconds: 40,
      modelwhisk_adapter_seconds: 40,
      modelwhisk_request_bytes_total: 200,
      modelwhisk_model_restarts_total: 0,
    });
    expect(Object.keys(after).join()).toMatch(/modelwhisk_info \d+\.\d+\.\d+/);
    expect((await ask(metricsPort, '/metrics')).headers).toContainEqual([
      'content-type',
      expect.stringMatching(/^text\/plain; version=0\.0\.4/) as string,
    ]);
  });

  test('has statuses apart, and counts restarts of the model server', async () => {
    const metricsPort = await freePort();
    const { row, variables, port: modelPort } = await processRow();
    const { port, adapter } = await startOnPort(row, { ...variables, MODELWHISK_METRICS_PORT: String(metricsPort) });
    running.push(adapter);
    await ask(port, '/fails', 'POST');
    await ask(modelPort, '/crash').catch(() => undefined);
    await eventually(
      'the call is answered again',
      async () => (await ask(port, '/ok')).status,
      (status) => status === 200,
    );
    const metrics = await metricsAt(metricsPort);
    expect(metrics).toMatchObject({ 'modelwhisk_calls_total 409': 1, modelwhisk_model_restarts_total: 1 });
  });

  test('says at /livez that the process lives, and at /readyz whether calls can be answered', async () => {
    const metricsPort = await freePort();
    const { row, variables } = await processRow({ LOADING: '20' });
    const settings = { ...variables, MODELWHISK_METRICS_PORT: String(metricsPort) };
    running.push((await startContainer(row, settings)).adapter);
    expect((await ask(metricsPort, '/livez')).status).toBe(200);
    expect((await ask(metricsPort, '/readyz')).status).toBe(503);
    const ready = async (): Promise<number> => (await ask(metricsPort, '/readyz')).status;
    expect(await eventually('it is no longer 503', ready, (status) => status !== 503)).toBe(200);
    expect((await ask(metricsPort, '/other')).status).toBe(404);
  });

  test.each([
    ['8080', { MODELWHISK_PORT: '8080' }, /MODELWHISK_METRICS_PORT is "8080"; expected another port than the calls'/],
    ['metrics', {}, /MODELWHISK_METRICS_PORT is "metrics"; expected a TCP port/],
  ])('refuses %s', async (value, settings, message) => {
    const adapter = await spawnAdapter(express, { ...settings, MODELWHISK_METRICS_PORT: value });
    expect(await adapter.exited).toBe(1);
    expect(adapter.output().stderr).toMatch(message);
  });
});

test('without the setting nothing is counted, and nothing listens', async () => {
  const { port, adapter } = await startOnPort(express);
  running.push(adapter);
  expect((await ask(port, '/metrics')).text).toContain('"url":"/metrics"');
});
