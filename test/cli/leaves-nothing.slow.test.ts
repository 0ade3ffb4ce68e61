import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { pushBase, pushNodeImage } from '../image/registry/support/base-images.ts';
import { docker, removeImagesOf } from '../support/docker.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';
import { lacks } from '../support/requirements.ts';

const program = join(import.meta.dirname, '../../build.ts');
const megabytes = 60;

describe.skipIf(lacks('a Docker engine', 'docker-registry'))('./build.ts leaves nothing behind', () => {
  let registry: TestRegistry;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'modelwhisk-leaves-'));
    registry = await startRegistry();
    await pushBase(registry.host, 'models/ocr', 'v1');
    // As large as a real image, and incompressible.
    await pushNodeImage(registry.host, 'library/node', '24', randomBytes(megabytes * 1_000_000));
  });
  afterAll(async () => {
    await removeImagesOf(registry.host);
    await registry.close();
    await rm(folder, { recursive: true });
  });

  function build(engine: string, cache: string) {
    const { host } = registry;
    const images = ['--base', `${host}/models/ocr:v1`, '--runtime-image', `${host}/library/node:24`];
    const target = ['--username', 'me', '--registry', host, '--engine', engine];
    const environment = { XDG_CACHE_HOME: cache, DOCKER_CONFIG: folder };
    return execa(program, ['--models', 'max-ocr', ...images, ...target], { env: environment, reject: false });
  }

  const contents = async (cache: string): Promise<readonly string[]> =>
    readdir(join(cache, 'modelwhisk'), { recursive: true }).catch(() => []);
  const unfinished = async (cache: string): Promise<readonly string[]> =>
    (await contents(cache)).filter((name) => name.includes('work-'));
  // Other test files have containers, too.
  const containers = async (): Promise<string> => {
    const ancestors = ['models/ocr:v1', 'library/node:24'].map(
      (image) => `--filter=ancestor=${registry.host}/${image}`,
    );
    return docker('ps', '--all', '--quiet', '--no-trunc', ...ancestors);
  };

  test.each([
    ['registry', 'a layer is compressed', /layer\.tar\.gz$/],
    ['registry', 'a layer is packed', /layer\.tar$/],
    ['docker', 'a layer is packed', /layer\.tar$/],
    ['docker', 'the Node image is read', /\/\d$/],
  ])('%s engine, Ctrl-C while %s: ends within a second', async (engine, when, begun) => {
    const cache = join(folder, `${engine} ${when}`);
    const before = await containers();
    const running = build(engine, cache);
    await vi.waitFor(async () => expect((await contents(cache)).some((name) => begun.test(name))).toBe(true), {
      timeout: 30_000,
      interval: 5,
    });
    const interrupted = Date.now();
    running.kill('SIGINT');
    const { exitCode, stderr } = await running;
    expect(Date.now() - interrupted).toBeLessThan(1500);
    expect(exitCode).toBe(130);
    expect(stderr).toMatch(/error: max-ocr: interrupted.*$/);
    expect(await unfinished(cache)).toEqual([]);
    expect(await containers()).toBe(before);
  });

  test('the next start removes the remains of a killed one', async () => {
    const cache = join(folder, 'killed');
    const running = build('registry', cache);
    await vi.waitFor(async () => expect((await unfinished(cache)).join()).toContain('layer.tar.gz'), {
      timeout: 30_000,
    });
    running.kill('SIGKILL');
    await running;
    expect(await unfinished(cache)).not.toEqual([]);
    expect((await build('registry', cache)).exitCode).toBe(0);
    expect(await unfinished(cache)).toEqual([]);
  });

  describe.skipIf(process.getuid?.() !== 0)('on a full disk', () => {
    test.each(['registry', 'docker'])('%s engine: one line and a hint', async (engine) => {
      const cache = join(folder, `${engine} full`);
      await mkdir(cache);
      await execa('mount', ['-t', 'tmpfs', '-o', `size=${megabytes / 2}m`, 'tmpfs', cache]);
      const before = await containers();
      try {
        const { exitCode, stderr } = await build(engine, cache);
        expect(exitCode).toBe(1);
        const [error, hint, ...more] = stderr.split('\n').filter((line) => !line.startsWith('['));
        expect([error, hint, ...more]).toEqual([
          `error: max-ocr: there is no space left in ${cache}/modelwhisk`,
          '  hint: free some there, or set XDG_CACHE_HOME to a folder that has more: about 300 MB are needed',
        ]);
        expect(await unfinished(cache)).toEqual([]);
        expect(await containers()).toBe(before);
      } finally {
        await execa('umount', [cache]);
      }
    });
  });
});
