import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildCli, type CliResult } from '../../../support/build-cli.ts';
import { startAction } from '../../../support/container.ts';
import { diffIds, docker, imageConfiguration, removeImagesOf } from '../../../support/docker.ts';
import { makeImage, makeNodeAppImage, makeStaticImage, moveToRegistry } from '../../../support/model-images.ts';
import { importNodeImage } from '../../../support/node-image.ts';
import { startRegistry, type TestRegistry } from '../../../support/registry.ts';
import { lacks } from '../../../support/requirements.ts';

const impossible = lacks('a Docker engine', 'docker-registry', 'debootstrap', 'busybox');

let registry: TestRegistry;
let folder: string;
let made: CliResult;

describe.skipIf(impossible)('build.ts with the docker engine and a registry', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'modelwhisk-docker-'));
    registry = await startRegistry();
    const { host } = registry;
    const node = `${host}/library/node:24-bookworm-slim`;
    await importNodeImage(node);
    await makeNodeAppImage(`${host}/models/app:latest`, node);
    await makeStaticImage(`${host}/models/static:1.0`);
    for (const name of [`${host}/models/static:1.0`, `${host}/models/app:latest`, node]) await moveToRegistry(name);
    await writeFile(join(folder, 'models.json'), JSON.stringify({ models: modelsOn(host) }));
    made = await build('--models', 'static,app', '--json', '--tag', 'v1');
  }, 600_000);

  afterAll(async () => {
    await removeImagesOf(registry.host);
    await registry.close();
    await rm(folder, { recursive: true });
  });

  test('says what was pushed, and the registry has it under that digest', async () => {
    const { host } = registry;
    expect(made).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining(`[static] pushing ${host}/me/static:v1`) as string,
    });
    const report = JSON.parse(made.stdout) as { models: { digest: string }[] };
    const digests = await Promise.all(['static', 'app'].map(async (name) => pushedDigest(`me/${name}`)));
    const bases = await Promise.all([pushedDigest('models/static', '1.0'), pushedDigest('models/app', 'latest')]);
    expect(report).toMatchObject({
      engine: 'docker',
      models: [
        {
          model: 'static',
          status: 'pushed',
          target: `${host}/me/static:v1`,
          digest: digests[0],
          base: { name: `${host}/models/static:1.0`, digest: bases[0] },
          deployments: [
            {
              steps: [
                { command: `wsk action create static --docker ${host}/me/static:v1 --web true -m 512 -t 300000` },
              ],
            },
          ],
        },
        { model: 'app', status: 'pushed', digest: digests[1], base: { digest: bases[1] } },
      ],
    });
  });

  test('every model gets the same two layers, on top of those of its base', async () => {
    const { host } = registry;
    const [ofStatic, ofApp] = await Promise.all([diffIds(`${host}/me/static:v1`), diffIds(`${host}/me/app:v1`)]);
    const bases = await Promise.all([diffIds(`${host}/models/static:1.0`), diffIds(`${host}/models/app:latest`)]);
    expect(ofStatic.slice(0, -2)).toEqual(bases[0]);
    expect(ofApp.slice(0, -2)).toEqual(bases[1]);
    expect(ofStatic.slice(-2)).toEqual(ofApp.slice(-2));
  });

  test('the base keeps its environment, user, folder and labels, and the image contains its start command', async () => {
    const config = await imageConfiguration(`${registry.host}/me/static:v1`);
    expect(config).toMatchObject({
      User: '4321',
      WorkingDir: '/www',
      ExposedPorts: { '5000/tcp': {}, '8080/tcp': {} },
      Labels: { maintainer: 'someone', 'dev.modelwhisk.model': 'static' },
    });
    expect(config['Cmd'] ?? null).toBeNull();
    const variables = config['Env'] as string[];
    expect(variables).toContain('LD_PRELOAD=');
    expect(variables).toContain(`MODEL_NAME=it's "static" $1`);
    const base = variables.find((variable) => variable.startsWith('MODELWHISK_BASE='));
    expect(JSON.parse(base?.replace('MODELWHISK_BASE=', '') ?? '')).toEqual({
      entrypoint: ['/httpd', 'httpd'],
      command: ['-f', '-p', '5000', '-h', '/www'],
      environment: { LD_PRELOAD: '/opt/model/preload.so' },
    });
    const row = variables.find((variable) => variable.startsWith('MODELWHISK_MODEL='));
    expect(JSON.parse(row?.replace('MODELWHISK_MODEL=', '') ?? '')).toMatchObject({
      title: `A "quoted" $title \\ it's`,
    });
  });

  test('a model image without any C library runs as an action: any user, read-only, 512 MB', async () => {
    const action = await startAction(`${registry.host}/me/static:v1`);
    try {
      await action.init();
      const reply = await action.run({
        __ow_method: 'get',
        __ow_path: '/model/labels',
        __ow_headers: {},
        __ow_query: '',
      });
      expect(reply).toMatchObject({ statusCode: 200 });
      expect(JSON.stringify(reply)).toContain(Buffer.from('{"labels":["yes","no"]}').toString('base64'));
    } finally {
      await action.close();
    }
  });

  test("an app in JavaScript runs in its base's own Node.js, with the options set for that", async () => {
    const action = await startAction(`${registry.host}/me/app:v1`);
    try {
      await action.init();
      const reply = await action.run({ __ow_method: 'get', __ow_path: '/anything', __ow_headers: {}, __ow_query: '' });
      expect(reply).toMatchObject({ statusCode: 200 });
      const { body } = reply as { readonly body: string };
      expect(JSON.parse(body)).toEqual({ node: '/usr/local/bin/node', options: '--max-old-space-size=256' });
    } finally {
      await action.close();
    }
  });

  test('an image that is not in the catalogue is pulled to read its configuration, and reported', async () => {
    const needsPort = await build('--image', `${registry.host}/library/node:24-bookworm-slim`, '--no-push');
    expect(needsPort).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/error: --port for \S+ is not set; expected a port/) as string,
    });
    const catalogue = ['--catalogue', join(import.meta.dirname, '../../fixtures/models.json')];
    const described = [...catalogue, '--image', `${registry.host}/models/static:1.0`, '--predict', 'GET /model/labels'];
    const { exitCode, stderr } = await build(...described, '--no-push', '--tag', 'unknown');
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('[static] guessed port: 5000, the one that the image exposes\n') as string,
    });
    const action = await startAction(`${registry.host}/me/static:unknown`);
    try {
      await action.init();
      // Without a path the call is for the route of --predict.
      const reply = await action.run({ __ow_method: 'get', __ow_path: '', __ow_headers: {}, __ow_query: '' });
      expect(reply).toMatchObject({ statusCode: 200 });
    } finally {
      await action.close();
    }
  });

  test('an Express app in an image that is not in the catalogue runs in process by --express', async () => {
    const image = ['--image', `${registry.host}/models/app:latest`, '--express', 'app.mjs', '--predict', 'GET /x'];
    const { exitCode, stderr } = await build(...image, '--no-push', '--tag', 'express');
    expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' });
    const action = await startAction(`${registry.host}/me/app:express`);
    try {
      await action.init();
      const reply = await action.run({ __ow_method: 'get', __ow_path: '', __ow_headers: {}, __ow_query: '' });
      expect(reply).toMatchObject({ statusCode: 200 });
    } finally {
      await action.close();
    }
  });

  describe('--check', () => {
    test('starts the image before it is pushed, and leaves nothing running', async () => {
      const { exitCode, stdout, stderr } = await build('--models', 'static,app', '--tag', 'checked', '--check');
      expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(stdout).not.toContain('Not checked');
      expect(await pushedDigest('me/static', 'checked')).toMatch(/^sha256:/);
      const containers = ['ps', '--all', '--quiet', '--filter', `ancestor=${registry.host}/me/static:checked`];
      expect(await docker(...containers)).toBe('');
    });

    test.each([
      ['ends at its start', ['/httpd', '-Q'], /exited with code 1/, /BusyBox/],
      ['is an Express app that cannot be loaded', undefined, /Cannot find/, /Cannot find/],
    ])(
      'an image whose model server %s is not pushed, and its last lines are shown',
      async (title, start, why, line) => {
        const base = `${registry.host}/models/broken:1.0`;
        await makeImage(base, [
          `FROM ${registry.host}/models/static:1.0`,
          ...(start === undefined ? [] : [`ENTRYPOINT ${JSON.stringify(start)}`, 'CMD []']),
        ]);
        const flags = title.includes('Express') ? ['--express', '/app/none.js'] : ['--port', '5000'];
        const { exitCode, stdout, stderr } = await build(
          '--image',
          base,
          ...flags,
          '--tag',
          'broken',
          '--check',
          '--quiet',
        );
        expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
        expect(stderr).toMatch(/^error: broken: .*\/me\/broken:broken does not become ready: /);
        expect(stderr.split('\n')[0]).toMatch(why);
        expect(stderr).toMatch(/hint: nothing was pushed\. It printed last:\n/);
        expect(stderr.split('\n').slice(2).join('\n')).toMatch(line);
        await expect(pushedDigest('me/broken', 'broken')).resolves.toBeNull();
      },
    );

    test('a check that was not asked for is reported as not done', async () => {
      expect(JSON.parse(made.stdout)).toMatchObject({ models: [{ checked: false }, { checked: false }] });
      const { stdout } = await build('--models', 'static', '--tag', 'v1');
      expect(stdout).toContain('Not checked: whether they start. --check starts each image once');
    });
  });

  test('--no-push leaves the image in the engine', async () => {
    const { exitCode, stdout } = await build('--models', 'static', '--tag', 'here', '--no-push', '--quiet');
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: `${registry.host}/me/static:here\n` });
    expect(await diffIds(`${registry.host}/me/static:here`)).toEqual(await diffIds(`${registry.host}/me/static:v1`));
    await expect(pushedDigest('me/static', 'here')).resolves.toBeNull();
  });

  test('a base image that is missing fails its model only, with one line and a hint', async () => {
    const { host } = registry;
    const { exitCode, stdout, stderr } = await build('--models', 'gone,static', '--tag', 'v2', '--quiet');
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: `${host}/me/static:v2\n` });
    expect(stderr).toBe(
      `error: gone: there is no image ${host}/models/gone:latest, or it is private\n` +
        `  hint: check the name, give another one with --base, or run docker login ${host}\n`,
    );
    await expect(pushedDigest('me/static', 'v2')).resolves.toMatch(/^sha256:/);
  });

  test('a base with ONBUILD instructions: they do not run, and the image has its layers, ours and the same triggers', async () => {
    const base = `${registry.host}/models/triggers:1.0`;
    await makeImage(base, [
      `FROM ${registry.host}/models/static:1.0`,
      'VOLUME /data',
      'ONBUILD COPY *.tar /oops/',
      'ONBUILD ENV OOPS=yes',
      'ONBUILD RUN false',
      'ENTRYPOINT []',
      'CMD []',
    ]);
    const { exitCode, stderr } = await build('--models', 'app', '--base', base, '--tag', 'triggers', '--no-push');
    expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' });
    const target = `${registry.host}/me/app:triggers`;
    const ours = (await diffIds(`${registry.host}/me/app:v1`)).slice(-2);
    expect(await diffIds(target)).toEqual([...(await diffIds(base)), ...ours]);
    const config = await imageConfiguration(target);
    expect(config['OnBuild']).toEqual(['COPY *.tar /oops/', 'ENV OOPS=yes', 'RUN false']);
    expect(config['Env']).not.toContain('OOPS=yes');
    expect(config['Cmd'] ?? null).toBeNull();
    // Other test files may have one for a moment.
    await expect.poll(async () => docker('image', 'ls', '--quiet', 'modelwhisk-base'), { timeout: 30_000 }).toBe('');
  });

  test('a registry that refuses the password that Docker has: one line and a hint', async () => {
    const closed = await startRegistry({ htpasswd: 'me:$2y$05$abcdefghijklmnopqrstuuSLtVKQ4Eq5iZ2pRn9kLsZ9ZJ4RzXBhW' });
    const auth = Buffer.from('me:wrong').toString('base64');
    const config = join(folder, 'docker/config.json');
    await mkdir(dirname(config), { recursive: true });
    await writeFile(config, JSON.stringify({ auths: { [closed.host]: { auth } } }));
    try {
      const { exitCode, stderr } = await build('--models', 'static', '--registry', closed.host, '--quiet');
      expect({ exitCode, stderr }).toEqual({
        exitCode: 1,
        stderr:
          `error: static: ${closed.host} refused these credentials\n` +
          `  hint: run docker login ${closed.host} again\n`,
      });
    } finally {
      await rm(config);
      await removeImagesOf(closed.host);
      await closed.close();
    }
  });

  test('a registry that asks for a login: one line and a hint', async () => {
    const closed = await startRegistry({ htpasswd: 'me:$2y$05$abcdefghijklmnopqrstuuSLtVKQ4Eq5iZ2pRn9kLsZ9ZJ4RzXBhW' });
    try {
      const { exitCode, stderr } = await build('--models', 'static', '--registry', closed.host, '--quiet');
      expect(exitCode).toBe(1);
      expect(stderr).toBe(`error: static: not logged in to ${closed.host}\n  hint: run docker login ${closed.host}\n`);
    } finally {
      await removeImagesOf(closed.host);
      await closed.close();
    }
  });

  test('a registry that does not answer: one line and a hint', async () => {
    const { exitCode, stderr } = await build('--models', 'static', '--registry', '127.0.0.1:1', '--quiet');
    await removeImagesOf('127.0.0.1:1');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^error: static: the registry of 127\.0\.0\.1:1\/me\/static cannot be reached: .*\n {2}hint: check the name of the registry and the network\n$/,
    );
  });

  test('an image with the adapter in it is not wrapped again', async () => {
    const { host } = registry;
    const { exitCode, stderr } = await build('--models', 'static', '--base', `${host}/me/static:v1`, '--quiet');
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`error: static: ${host}/me/static:v1 already has the adapter in it\n`);
    expect(stderr).toContain(`  hint: use the image that it was made from: ${host}/models/static:1.0\n`);
  });

  test('containers made to read the Node image are gone', async () => {
    const node = `${registry.host}/library/node:24-bookworm-slim`;
    expect(await docker('ps', '--all', '--quiet', '--filter', `ancestor=${node}`)).toBe('');
  });
});

/** Runs build.ts with the test's registry, cache and Docker configuration. */
async function build(...words: readonly string[]): Promise<CliResult> {
  const { host } = registry;
  const common = [
    '--username=me',
    '--engine=docker',
    `--catalogue=${join(folder, 'models.json')}`,
    `--runtime-image=${host}/library/node:24-bookworm-slim`,
  ];
  const target = words.includes('--registry') ? [] : ['--registry', host];
  return buildCli([...common, ...target, ...words], {
    ...process.env,
    XDG_CACHE_HOME: join(folder, 'cache'),
    DOCKER_CONFIG: join(folder, 'docker'),
  });
}

async function pushedDigest(repository: string, tag = 'v1'): Promise<string | null> {
  const reply = await fetch(`http://${registry.host}/v2/${repository}/manifests/${tag}`, {
    method: 'HEAD',
    headers: { accept: 'application/vnd.docker.distribution.manifest.v2+json' },
  });
  return reply.headers.get('docker-content-digest');
}

function modelsOn(host: string): unknown[] {
  const predict = { method: 'GET', path: '/model/labels', input: { kind: 'query' } };
  return [
    {
      name: 'static',
      title: `A "quoted" $title \\ it's`,
      image: `${host}/models/static:1.0`,
      server: { kind: 'http', port: 5000 },
      predict,
    },
    {
      name: 'app',
      title: 'App',
      image: `${host}/models/app:latest`,
      server: { kind: 'express', module: 'app.mjs' },
      predict,
    },
    {
      name: 'gone',
      title: 'Gone',
      image: `${host}/models/gone:latest`,
      server: { kind: 'http', port: 5000 },
      predict,
    },
  ];
}
