import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readFunctionApp } from '../../../azure/functions/app.ts';
import { connectionsOf } from '../../../azure/functions/connections.ts';

const example = join(import.meta.dirname, '../../../examples/azure/app');
const host = { customHandler: { description: { defaultExecutablePath: 'x' }, enableForwardingHttpRequest: true } };
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'modelwhisk-app-'));
});
afterEach(async () => rm(folder, { recursive: true }));

async function write(path: string, content: unknown): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content));
}

test('the example is read with the settings for this machine', async () => {
  const app = await readFunctionApp(example, {});
  expect(app).toMatchObject({
    routePrefix: 'api',
    handler: {
      executable: 'node',
      arguments: ['--import', 'tsx', 'adapter/main.ts'],
      folder: resolve(example, '../../..'),
    },
    queues: { batchSize: 16, newBatchThreshold: 8, maxDequeueCount: 5, messageEncoding: 'base64' },
  });
  expect(Object.fromEntries(app.functions.map(({ kind, name }) => [name, kind]))).toEqual({
    classify: 'queue',
    negotiate: 'negotiate',
    predict: 'http',
  });
  expect(connectionsOf(app).signalR('AzureSignalRConnectionString').endpoint).toBe('http://localhost:8888');
});

test('the environment overrides local settings and, by its prefix, host.json', async () => {
  const app = await readFunctionApp(example, {
    AzureWebJobsStorage: 'mine',
    AzureFunctionsJobHost__extensions__queues__batchSize: '4',
    AzureFunctionsJobHost__extensions__http__routePrefix: '',
    MODELWHISK_FETCH_ALLOW_HOSTS: 'pictures',
    AWS_SECRET_ACCESS_KEY: 'x',
  });
  expect(app).toMatchObject({
    routePrefix: '',
    queues: { batchSize: 4 },
    settings: { AzureWebJobsStorage: 'mine', MODELWHISK_FETCH_ALLOW_HOSTS: 'pictures' },
  });
  expect(app.settings).not.toHaveProperty('AWS_SECRET_ACCESS_KEY');
});

test('variables of this program are none of the app', async () => {
  await write('host.json', host);
  const given = { MODELWHISK_GATEWAY_KEY: 'guest', MODELWHISK_RUNTIME_IMAGE: 'node', MODELWHISK_LOG: 'off' };
  expect((await readFunctionApp(folder, given)).settings).toEqual({ MODELWHISK_LOG: 'off' });
});

test('local.settings.json is read before the example', async () => {
  await write('host.json', host);
  await write('local.settings.example.json', { Values: { NAME: 'example' } });
  await write('local.settings.json', { Values: { NAME: 'own' } });
  expect((await readFunctionApp(folder, {})).settings).toEqual({ NAME: 'own' });
});

test('files may begin with a byte order mark', async () => {
  await write('host.json', `\uFEFF${JSON.stringify(host)}`);
  await write('local.settings.json', `\uFEFF${JSON.stringify({ Values: { NAME: 'marked' } })}`);
  expect((await readFunctionApp(folder, {})).settings).toEqual({ NAME: 'marked' });
});

describe('what cannot be served is refused by name', () => {
  test.each<[what: string, files: Readonly<Record<string, unknown>>, message: RegExp]>([
    ['no host.json', {}, /^--azure is ".*"; expected a folder with a host\.json/],
    ['text that is not JSON', { 'host.json': '{' }, /host\.json is ".*JSON.*"; expected a readable JSON file/],
    ['no handler', { 'host.json': {} }, /^host\.json key customHandler is not set; expected an object/],
    [
      'requests as JSON',
      { 'host.json': { customHandler: { ...host.customHandler, enableForwardingHttpRequest: false } } },
      /enableForwardingHttpRequest is false; expected true/,
    ],
    [
      'another trigger',
      { 'host.json': host, 'clock/function.json': { bindings: [{ type: 'timerTrigger', name: 't' }] } },
      /^clock\/function\.json key bindings is "timerTrigger"; expected an httpTrigger or a queueTrigger/,
    ],
    [
      'a storage account without a connection string',
      {
        'host.json': host,
        'q/function.json': { bindings: [{ type: 'queueTrigger', name: 'm', queueName: 'q' }] },
      },
      /^AzureWebJobsStorage is ""; expected the connection string of a storage account/,
    ],
  ])('%s', async (_what, files, message) => {
    await Promise.all(Object.entries(files).map(async ([path, content]) => write(path, content)));
    await expect(readFunctionApp(folder, {}).then(connectionsOf)).rejects.toThrow(message);
  });
});
