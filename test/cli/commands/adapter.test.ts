import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pushNodeImage } from '../../image/registry/support/base-images.ts';
import { type FakeRegistry, startFakeRegistry } from '../../image/registry/support/fake-registry.ts';
import { buildCli } from '../../support/build-cli.ts';

let folder: string;
let registry: FakeRegistry;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'modelwhisk-adapter-'));
  registry = await startFakeRegistry();
  await pushNodeImage(registry.host, 'library/node', '24');
});
afterAll(async () => {
  await registry.close();
  await rm(folder, { recursive: true });
});

async function adapter(...words: readonly string[]) {
  const where = ['--engine', 'registry', '--username', 'me', '--registry', registry.host];
  const layers = ['--runtime-image', `${registry.host}/library/node:24`];
  return buildCli(['adapter', ...where, ...layers, ...words], { HOME: folder, XDG_CACHE_HOME: folder });
}

test('adapter takes all that describes a server, and its lines hold all of it', async () => {
  const said = ['--port', '9000', '--ready', ':9001/health#200-299', '--predict', '/go json', '--env', 'A=b'];
  const { exitCode, stdout } = await adapter('--json', ...said, '--route', '/other file:image', '--command', 'serve');
  expect(exitCode).toBe(0);
  const { row, dockerfile } = JSON.parse(stdout) as { row: object; dockerfile: readonly string[] };
  const server = {
    kind: 'http',
    port: 9000,
    environment: { A: 'b' },
    ready: { kind: 'get', port: 9001, path: '/health' },
  };
  const routes = [{ path: '/other', input: { kind: 'file', field: 'image' } }];
  expect(row).toMatchObject({ server, predict: { path: '/go' }, routes });
  const line = dockerfile.find((each) => each.startsWith('ENV MODELWHISK_MODEL='));
  const text = JSON.parse(line?.replace('ENV MODELWHISK_MODEL=', '') ?? '') as string;
  expect(JSON.parse(text)).toMatchObject({ server, predict: { path: '/go' }, routes });
  expect(dockerfile.at(-1)).toBe('CMD ["serve"]');
});

test.each(['--port', '--route', '--arg', '--env'])('it refuses %s beside --models', async (option) => {
  const value = { '--port': '1', '--route': '/x json', '--arg': 'x', '--env': 'A=b' }[option] ?? '';
  expect(await adapter('--models', 'max-ocr', option, value)).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining(`error: ${option} is `) as string,
  });
});

test('its help describes a server in the words of a build', async () => {
  const [build, own] = [await buildCli(['build', '--help']), await buildCli(['adapter', '--help'])];
  const hints = (text: string): readonly string[] => {
    const [, described = ''] = /\n(?:Or any other[^\n]*)\n([^]*?)\n\n/.exec(text) ?? [];
    return described
      .split(/\n(?= {2}-)/)
      .map((each) => each.replaceAll(/\s+/g, ' '))
      .filter((each) => !each.includes('--image'));
  };
  expect(hints(own.stdout)).toEqual(hints(build.stdout));
  expect(hints(own.stdout).length).toBeGreaterThan(7);
});
