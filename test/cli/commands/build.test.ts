import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type FakeRegistry, startFakeRegistry } from '../../image/registry/support/fake-registry.ts';
import { buildCli } from '../../support/build-cli.ts';

const catalogue = ['--catalogue', join(import.meta.dirname, '../../image/fixtures/models.json')];
/** No registry answers there. */
const nowhere = '127.0.0.1:1';
const engine = ['--runtime-image', `${nowhere}/node`, '--engine', 'registry'];
const unreachable = ['--username', 'me', '--registry', nowhere, ...engine];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'modelwhisk-build-'));
});
afterEach(async () => rm(folder, { recursive: true }));

describe('an output that cannot be written is refused before anything is fetched', () => {
  const sources = [
    ['a model of the catalogue', ['--models', 'digits', ...catalogue, '--base', `${nowhere}/digits`, ...unreachable]],
    ['an image', ['--image', `${nowhere}/me/x`, ...unreachable]],
    ['rewrap', ['rewrap', `${nowhere}/me/x`, ...engine]],
  ] as const;
  const outputs: (readonly [output: string, message: string])[] = [
    ['oci:FOLDER/file', 'FOLDER/file cannot be written (EEXIST)'],
    ['oci:FOLDER/file/a', 'FOLDER/file/a cannot be written (ENOTDIR)'],
    ['oci:FOLDER/nowhere/a', 'FOLDER/nowhere/a cannot be written (EEXIST)'],
    ['oci:FOLDER/other', 'FOLDER/other is not an OCI image layout: it has another index.json'],
    ['docker-archive:FOLDER/file/a.tar', 'FOLDER/file cannot be written (EEXIST)'],
    ['docker-archive:FOLDER/other', 'FOLDER/other exists, and is not a regular file'],
    ['docker-archive:FOLDER/link', 'FOLDER/link exists, and is not a regular file'],
    ...(process.platform === 'linux'
      ? ([
          ['oci:/proc/x', '/proc/x cannot be written (ENOENT)'],
          ['docker-archive:/proc/x/a.tar', '/proc/x cannot be written (ENOENT)'],
          ['docker-archive:/proc/a.tar', '/proc cannot be written (ENOENT)'],
        ] as const)
      : []),
  ];
  test.each(sources.flatMap(([title, words]) => outputs.map((output) => [title, ...output, words] as const)))(
    '%s, %s',
    async (_title, output, message, words) => {
      await writeFile(join(folder, 'file'), 'mine');
      await symlink('missing', join(folder, 'nowhere'));
      await symlink('file', join(folder, 'link'));
      await mkdir(join(folder, 'other'));
      await writeFile(join(folder, 'other/index.json'), '{"name":"mine"}');
      const where = ['--output', output.replace('FOLDER', folder)];
      const { exitCode, stdout, stderr } = await buildCli([...words, ...where], { HOME: folder });
      const [line, hint] = stderr.split('\n');
      expect([exitCode, stdout, line]).toEqual([1, '', `error: ${message.replace('FOLDER', folder)}`]);
      expect(hint).toMatch(/^ {2}hint: name /);
      expect(await readFile(join(folder, 'file'), 'utf8')).toBe('mine');
      expect(await readdir(join(folder, 'other'))).toEqual(['index.json']);
    },
  );

  test('a dry run makes no folder', async () => {
    const words = ['--models', 'digits', ...catalogue, ...unreachable, '--output', `oci:${folder}/new`];
    expect((await buildCli([...words, '--dry-run'], { HOME: folder })).exitCode).toBe(0);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('a model that fails is told once on stderr, with a hint', () => {
  /** It holds no image. */
  let registry: FakeRegistry;
  beforeAll(async () => {
    registry = await startFakeRegistry();
  });
  afterAll(async () => registry.close());

  test.each([
    [[], ['digits']],
    [['--quiet'], ['digits']],
    [['--json'], ['digits']],
    [[], ['digits', 'words']],
    [['--quiet'], ['digits', 'words']],
    [['--json'], ['digits', 'words']],
  ])('%j, %j', async (words, models) => {
    const { host } = registry;
    const bases = models.flatMap((model) => ['--base', `${model}=${host}/me/${model}`]);
    const sources = ['--models', models.join(), ...catalogue, ...bases, '--runtime-image', `${host}/me/node`];
    const where = ['--engine', 'registry', '--registry', host, '--username', 'me'];
    const { exitCode, stdout, stderr } = await buildCli([...sources, ...where, ...words], { HOME: folder });
    expect(exitCode).toBe(1);
    const failure = 'does not exist';
    expect(stderr.split('\n').filter((line) => line.includes(failure))).toEqual(
      models.map((model) => expect.stringMatching(new RegExp(`^error: ${model}: .* ${failure}`)) as string),
    );
    expect(stderr.match(/^ {2}hint: /gm)).toHaveLength(models.length);
    const isCounted = models.length > 1 && !words.includes('--quiet');
    expect(stderr.match(/^\[\w+\] failed, \d of 2$/gm) ?? []).toHaveLength(isCounted ? 2 : 0);
    expect(stderr).not.toContain('] done');
    // The document for programs tells it, and the table for people does not.
    expect(stdout.includes(failure)).toBe(words.includes('--json'));
    expect(stdout.match(/ {2}failed$/gm) ?? []).toHaveLength(words.length === 0 ? models.length : 0);
    expect(stdout === '').toBe(words.includes('--quiet'));
  });
});
