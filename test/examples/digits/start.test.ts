import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { example, sample } from './helpers.ts';

const folder = mkdtempSync(join(tmpdir(), 'digits-'));
const model = readFileSync(join(example, 'model.onnx'));

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function write(name: string, content: Buffer): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

function start(environment: Record<string, string>): ChildProcessByStdio<null, Readable, Readable> {
  return spawn(process.execPath, ['--import', 'tsx', 'src/server.ts'], {
    cwd: example,
    env: { ...process.env, PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

describe('a server that cannot start says why in one line and exits 1', () => {
  test.each<[kind: string, environment: Record<string, string>, line: RegExp]>([
    ['no model file', { DIGITS_MODEL: join(folder, 'none.onnx') }, /^The model .*none\.onnx cannot be loaded: ENOENT/],
    [
      'no model in the directory',
      { MODEL_DIR: folder },
      /^The model .*\/digits-\w+\/model\.onnx cannot be loaded: ENOENT/,
    ],
    ['an empty model', { DIGITS_MODEL: write('empty.onnx', Buffer.alloc(0)) }, /^The model .*empty\.onnx cannot be/],
    ['text for a model', { DIGITS_MODEL: write('text.onnx', Buffer.from('seven')) }, /^The model .* cannot be loaded/],
    ['half a model', { DIGITS_MODEL: write('half.onnx', model.subarray(0, 9_999)) }, /^The model .* cannot be loaded/],
    ['an invalid port', { PORT: 'http' }, /^PORT is "http"; expected a number from 0 to 65535$/],
    ['a setting that does not exist', { DIGITS_MODLE: 'x' }, /^DIGITS_MODLE is not a setting; expected one of DIGITS_/],
    ['a host with a port', { DIGITS_ALLOW_HOSTS: 'files:80' }, /^DIGITS_ALLOW_HOSTS names "files:80"; expected host/],
  ])('%s', async (_kind, environment, line) => {
    const server = start(environment);
    const [stdout, stderr, [code]] = await Promise.all([
      text(server.stdout),
      text(server.stderr),
      once(server, 'exit'),
    ]);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr.trimEnd()).toMatch(line);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test('importing the app rejects with the same line', async () => {
    vi.stubEnv('DIGITS_MODEL', join(folder, 'text.onnx'));
    vi.resetModules();
    await expect(import('../../../examples/digits/src/app.ts')).rejects.toThrow(
      /^The model .*text\.onnx cannot be loaded/,
    );
    vi.unstubAllEnvs();
  });
});

test('the server listens on PORT, answers, and on SIGTERM ends with 0', async () => {
  const server = start({});
  const [line] = (await once(server.stdout, 'data')) as [Buffer];
  const [, port = ''] = /^digits listens on port (\d+)\n$/.exec(line.toString()) ?? [];
  const form = new FormData();
  form.set('image', new Blob([Uint8Array.from(sample('3-transparent.png'))]), '3.png');
  const response = await fetch(`http://127.0.0.1:${port}/model/predict`, { method: 'POST', body: form });
  expect(await response.json()).toMatchObject({
    status: 'ok',
    predictions: [{ label: 'three' }, ...Array.from({ length: 9 }, () => ({}))],
  });
  server.kill('SIGTERM');
  expect(await once(server, 'exit')).toEqual([0, null]);
});
