import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pushBase, pushNodeImage } from '../image/registry/support/base-images.ts';
import { removeImagesOf } from '../support/docker.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';
import { lacks } from '../support/requirements.ts';

const program = join(import.meta.dirname, '../../build.ts');

describe.skipIf(lacks('docker-registry', 'a Docker engine', 'script'))('on a terminal, ./build.ts shows', () => {
  let registry: TestRegistry;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'modelwhisk-progress-'));
    registry = await startRegistry();
    await pushBase(registry.host, 'models/ocr', 'v1');
    await pushNodeImage(registry.host, 'library/node', '24', randomBytes(120_000_000));
  });
  afterAll(async () => {
    await removeImagesOf(registry.host);
    await registry.close();
    await rm(folder, { recursive: true });
  });

  /** The lines that a terminal of 100 columns receives. */
  async function terminal(engine: string, ...words: readonly string[]): Promise<readonly string[]> {
    const { host } = registry;
    const bases = ['max-ocr', 'max-image-segmenter'].flatMap((name) => ['--base', `${name}=${host}/models/ocr:v1`]);
    const images = ['--models', 'max-ocr,max-image-segmenter', ...bases, '--runtime-image', `${host}/library/node:24`];
    const target = ['--username', 'me', '--registry', host, '--engine', engine, ...words];
    const command = ['stty cols 100;', program, ...images, ...target].join(' ');
    const environment = { XDG_CACHE_HOME: join(folder, engine), DOCKER_CONFIG: folder };
    const { stdout } = await execa('script', ['-qec', command, '/dev/null'], { env: environment });
    return stdout.split(/\r|\n|\u001b\[[\d;?]*[A-Za-z]/).filter((line) => line !== '');
  }

  test('bytes of bytes of each step of the registry engine, and how many models are done', async () => {
    const lines = await terminal('registry');
    for (const step of [
      'fetching Node.js',
      'compressing a layer, once',
      'sending to 127\\.0\\.0\\.1:\\d+/me/max-\\S+',
    ]) {
      const moving = new RegExp(`^max-\\S+ {2}${step} {2}[█░]{20} {2}[\\d.]+ \\w+ of 120 MB {2}\\d+ s$`);
      expect(new Set(lines.filter((line) => moving.test(line))).size, step).toBeGreaterThan(1);
    }
    expect(lines).toContain('░░░░░░░░░░░░░░░░░░░░  0 of 2');
    expect(lines).toContain('██████████░░░░░░░░░░  1 of 2');
    expect(lines.some((line) => line.startsWith('['))).toBe(false);
  });

  test('layers of layers of the docker engine', async () => {
    const lines = await terminal('docker');
    expect(lines.some((line) => /^max-ocr {2}pushing \S+ {2}[█░]{20} {2}\d+ of \d+ layers {2}\d+ s$/.test(line))).toBe(
      true,
    );
  });

  test('the report alone with --quiet', async () => {
    const { host } = registry;
    expect(await terminal('registry', '--quiet')).toEqual([`${host}/me/max-ocr`, `${host}/me/max-image-segmenter`]);
  });
});
