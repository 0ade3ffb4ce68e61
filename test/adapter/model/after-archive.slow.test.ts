import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { packTar } from 'modern-tar';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAfterArchive } from '../../../adapter/model/after-archive.ts';
import { parseFetchPolicy } from '../../../adapter/fetch/policy.ts';
import { freePort } from '../../support/free-port.ts';
import { bundledModule } from '../bundled.ts';
import { type AdapterProcess, startAdapter } from '../start-adapter.ts';

const digits = join(import.meta.dirname, '../../../examples/digits');
const app = join(import.meta.dirname, 'model-app.ts');
let server: Server;
let folder: string;
let settings: Record<string, string>;

beforeAll(async () => {
  const body = 'seven';
  const onnx = await readFile(join(digits, 'model.onnx'));
  const bytes = gzipSync(
    await packTar([
      { header: { name: 'weights.txt', size: body.length }, body },
      { header: { name: 'model.onnx', size: onnx.length }, body: onnx },
    ]),
  );
  server = createServer((_request, response) => response.end(bytes)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  folder = await mkdtemp(join(tmpdir(), 'archive-test-'));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  settings = {
    TMPDIR: folder,
    MODELWHISK_FETCH_ALLOW_HOSTS: host,
    MODELWHISK_ARCHIVE: `http://${host}/model.tgz?signature=secret`,
    MODELWHISK_ARCHIVE_SHA256: createHash('sha256').update(bytes).digest('hex'),
  };
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

async function rowOf(kind: string, more: object = {}): Promise<object> {
  const port = await freePort();
  const servers: Record<string, object> = {
    express: { kind, module: app },
    http: { kind, port, command: [process.execPath, await bundledModule(app), String(port)] },
  };
  return {
    name: 'weights',
    title: 'Weights',
    image: 'me/weights',
    server: servers[kind],
    predict: { method: 'GET', path: '/', input: { kind: 'query' } },
    ...more,
  };
}

async function answer(row: object, environment: Record<string, string>, value: object = {}): Promise<unknown> {
  const adapter: AdapterProcess = await startAdapter(row, environment);
  try {
    const init = await adapter.post('/init', { value: {} });
    return init.status === 200 ? await adapter.run(value) : init.json;
  } finally {
    await adapter.stop();
  }
}

describe.each(['express', 'http'])('a model server of kind %s', (kind) => {
  test('finds the archive that the settings name in MODEL_DIR', async () => {
    expect(await answer(await rowOf(kind), settings)).toMatchObject({ weights: 'seven' });
  });

  test("finds the row's archive", async () => {
    const { MODELWHISK_ARCHIVE: url = '', MODELWHISK_ARCHIVE_SHA256: sha256 = '', ...others } = settings;
    const row = await rowOf(kind, { archive: { url, sha256 } });
    expect(await answer(row, others)).toMatchObject({ weights: 'seven' });
  });

  test('is not started without it: the caller learns both hashes, and no query', async () => {
    const sha256 = '0'.repeat(64);
    const text = JSON.stringify(await answer(await rowOf(kind), { ...settings, MODELWHISK_ARCHIVE_SHA256: sha256 }));
    expect(text).toContain(`?… has the SHA-256 ${settings['MODELWHISK_ARCHIVE_SHA256']}; expected ${sha256}`);
    expect(text).not.toContain('secret');
  });
});

test('examples/digits reads digits with the model of the archive', async () => {
  const row = {
    name: 'digits',
    title: 'Digits',
    image: 'me/digits',
    server: { kind: 'express', module: join(digits, 'src/app.ts') },
    predict: { input: { kind: 'file', field: 'image', filename: '7.png', contentType: 'image/png' } },
  };
  const image = await readFile(join(digits, 'samples/7.png'), 'base64');
  expect(await answer(row, settings, { image })).toHaveProperty('predictions[0].label', 'seven');
});

test('closing ends a download in progress, and no model server is started', async () => {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  const asked = once(silent, 'request');
  await once(silent, 'listening');
  const host = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const archive = { url: `http://${host}/m.tar`, sha256: '0'.repeat(64), variable: 'MODEL_DIR', maximumBytes: 1000 };
  const policy = parseFetchPolicy({ MODELWHISK_FETCH_ALLOW_HOSTS: host });
  const environment: Record<string, string> = {};
  const model = createAfterArchive(archive, policy, environment, () => Promise.reject(new Error('started')));
  const failure = model.ready().catch((error: unknown) => error);
  await asked;
  await model.close();
  expect(await failure).toMatchObject({ code: 'MODEL_START' });
  expect(environment).toEqual({});
  silent.close();
});
