import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { skopeoInspect } from '../../image/registry/support/skopeo.ts';
import { buildCli, type CliResult } from '../../support/build-cli.ts';
import { startAction } from '../../support/container.ts';
import { docker, removeImagesOf } from '../../support/docker.ts';
import { makeNodeAppImage, makeStaticImage } from '../../support/model-images.ts';
import { importNodeImage } from '../../support/node-image.ts';
import { startRegistry, type TestRegistry } from '../../support/registry.ts';
import { lacks } from '../../support/requirements.ts';

interface Document {
  readonly target: string;
  readonly digest: string;
  readonly row: object;
  readonly dockerfile: readonly string[];
}

const needs = ['a Docker engine', 'docker-registry', 'skopeo', 'debootstrap', 'busybox'] as const;
describe.skipIf(lacks(...needs))('build.ts adapter', () => {
  let registry: TestRegistry;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'modelwhisk-adapter-'));
    registry = await startRegistry();
    const node = `${registry.host}/library/node:24-bookworm-slim`;
    await importNodeImage(node);
    await docker('push', '--quiet', node);
    await makeNodeAppImage(`${registry.host}/models/app:latest`, node);
    await makeStaticImage(`${registry.host}/models/static:1.0`);
  }, 600_000);
  afterAll(async () => {
    await removeImagesOf(registry.host);
    await registry.close();
    await rm(folder, { recursive: true });
  });

  const server = [
    '--command',
    '/httpd httpd -f -p 5000 -h /www',
    '--ready',
    '/model/labels',
    '--predict',
    'GET /model/labels',
  ];

  test.each(['registry', 'docker'])(
    'by the %s engine: two layers, from which one line makes any image a function',
    async (engine) => {
      const made = await adapter('--engine', engine, '--tag', engine, ...server);
      expect(made.dockerfile[0]).toBe(`COPY --from=${registry.host}/me/modelwhisk:${engine} / /`);
      const inspected = await skopeoInspect(`${registry.host}/me/modelwhisk:${engine}`);
      expect(inspected).toMatchObject({ Digest: made.digest, Layers: [expect.anything(), expect.anything()] });

      const image = await dockerBuild(`by-${engine}`, [`FROM ${registry.host}/models/static:1.0`, ...made.dockerfile]);

      // Like an image that build.ts has wrapped.
      const wrapped = ['--image', `${registry.host}/models/static:1.0`, '--no-push', '--tag', engine];
      const told = await run(...wrapped, '--ready', '/model/labels', '--predict', 'GET /model/labels');
      expect(told.exitCode).toBe(0);
      const [ours, theirs] = [await answersOf(image), await answersOf(`${registry.host}/me/static:${engine}`)];
      expect(ours).toEqual(theirs);
      expect(ours[0]).toMatchObject({ statusCode: 200 });
    },
    // Compressing Node.js takes long on a busy machine.
    300_000,
  );

  test('the row may be a file', async () => {
    const made = await adapter('--engine', 'docker', ...server);
    await writeFile(join(folder, 'model.json'), JSON.stringify(made.row));
    const lines = made.dockerfile.map((line) =>
      line.startsWith('ENV ') ? 'COPY model.json /modelwhisk/model.json' : line,
    );
    const image = await dockerBuild('with-file', [`FROM ${registry.host}/models/static:1.0`, ...lines]);
    expect((await answersOf(image))[0]).toMatchObject({ statusCode: 200 });
  });

  test('an Express app runs in the Node.js of its image', async () => {
    const made = await adapter('--engine', 'docker', '--express', 'app.mjs', '--predict', 'GET /x');
    const image = await dockerBuild('express', [`FROM ${registry.host}/models/app:latest`, ...made.dockerfile]);
    const [answer] = await answersOf(image);
    expect(answer).toMatchObject({ statusCode: 200 });
    expect(JSON.parse((answer as { readonly body: string }).body)).toMatchObject({ node: '/usr/local/bin/node' });
  });

  test('without a description the lines show their assumptions, to be edited', async () => {
    const { exitCode, stdout } = await run('adapter', '--engine', 'docker', '--no-push');
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`made ${registry.host}/me/modelwhisk\n\nAt the end of your Dockerfile:\n\nCOPY --from=`);
    expect(stdout).toContain(String.raw`\"port\":5000`);
    expect(stdout).toContain('# CMD: the command that starts your server');
  });

  async function run(...words: readonly string[]): Promise<CliResult> {
    const { host } = registry;
    const target = ['--username', 'me', '--registry', host, '--runtime-image', `${host}/library/node:24-bookworm-slim`];
    const environment = {
      ...process.env,
      XDG_CACHE_HOME: join(folder, 'cache'),
      DOCKER_CONFIG: join(folder, 'docker'),
    };
    return buildCli([...words, ...target], environment);
  }

  async function adapter(...words: readonly string[]): Promise<Document> {
    const { exitCode, stdout, stderr } = await run('adapter', '--json', ...words);
    expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' });
    return JSON.parse(stdout) as Document;
  }

  async function dockerBuild(tag: string, lines: readonly string[]): Promise<string> {
    const image = `${registry.host}/mine/image:${tag}`;
    await writeFile(join(folder, 'Dockerfile'), `${lines.join('\n')}\n`);
    await writeFile(join(folder, '.dockerignore'), 'cache\ndocker\n');
    await docker('build', '--quiet', '--tag', image, folder);
    return image;
  }

  /** The answers to a call of the predict route and of an unknown path. */
  async function answersOf(image: string): Promise<readonly unknown[]> {
    const action = await startAction(image);
    try {
      await action.init();
      const call = { __ow_method: 'get', __ow_headers: {}, __ow_query: '' };
      return [await action.run({ ...call, __ow_path: '' }), await action.run({ ...call, __ow_path: '/none' })];
    } finally {
      await action.close();
    }
  }
});
