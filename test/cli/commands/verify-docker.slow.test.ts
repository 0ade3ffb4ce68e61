import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pushBase } from '../../image/registry/support/base-images.ts';
import type { CliResult } from '../../support/build-cli.ts';
import { docker, removeImagesOf } from '../../support/docker.ts';
import { makeImage } from '../../support/model-images.ts';
import { lacks } from '../../support/requirements.ts';
import { type RegistryCli, startRegistryCli } from './registry-cli.ts';

describe.skipIf(lacks('docker-registry', 'a Docker engine'))('build.ts verify of what the docker engine made', () => {
  let cli: RegistryCli;
  let host: string;
  beforeAll(async () => {
    cli = await startRegistryCli();
    ({ host } = cli);
    const config = { Cmd: ['/serve'], OnBuild: ['LABEL by=trigger'], Env: ['A=b'], User: '4321' };
    await pushBase(host, 'models/iris', '2', { config, family: 'oci' });
    await makeImage(`${host}/models/local:1`, ['FROM scratch', 'COPY Dockerfile /serve', 'CMD ["/serve"]']);
    await build('iris:2');
    await build('local:1', '--no-push');
  });
  afterAll(async () => {
    await removeImagesOf(host);
    await cli.close();
  });

  test('accepts it in the registry, although Docker packs the layers again and adds its own history', async () => {
    const { exitCode, stdout } = await verify(`${host}/me/iris`);
    expect(stdout).toMatch(/\/me\/iris is exactly \S+\/models\/iris:2@\S+ and this adapter, packed in another way\n$/);
    expect(exitCode).toBe(0);
  });

  test('accepts it in the engine, in an archive that docker save made, and pushed elsewhere', async () => {
    const file = join(cli.folder, 'saved.tar');
    await docker('save', '--output', file, `${host}/me/iris`);
    await docker('tag', `${host}/me/iris`, `${host}/other/iris:2`);
    await docker('push', '--quiet', `${host}/other/iris:2`);
    for (const place of [`docker-daemon:${host}/me/iris`, `docker-archive:${file}`, `${host}/other/iris:2`])
      expect(await verify(place)).toMatchObject({ exitCode: 0 });
  });

  test('accepts one whose base is only in this engine', async () => {
    const { exitCode, stdout } = await verify(`docker-daemon:${host}/me/local`);
    expect(stdout).toMatch(/is exactly \S+\/models\/local:1 of this docker engine and this adapter, packed in/);
    expect(exitCode).toBe(0);
    const file = join(cli.folder, 'local.tar');
    await docker('save', '--output', file, `${host}/me/local`);
    const elsewhere = await cli.run(['verify', `docker-archive:${file}`, ...cli.layers]);
    expect(elsewhere).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('/models/local:1 was in no registry, and no Docker engine here has it') as string,
    });
  });

  test.each(['docker', 'registry'])('accepts the adapter alone, by the %s engine', async (engine) => {
    const words = ['adapter', '--engine', engine, '--username', engine, '--registry', host];
    expect(await run(...words)).toMatchObject({ exitCode: 0 });
    const { exitCode, stdout } = await verify(`${host}/${engine}/modelwhisk`);
    expect(stdout).toMatch(/\/modelwhisk is exactly this adapter(, packed in another way)?\n$/);
    expect(exitCode).toBe(0);
  });

  test.each([
    ['another entrypoint', ['ENTRYPOINT ["/evil"]'], 'config.Entrypoint has "/evil", which was not expected'],
    ['a variable more', ['ENV LD_PRELOAD=/evil.so'], 'config.Env has "LD_PRELOAD=/evil.so", which was not expected'],
    ['another user', ['USER root'], 'config.User is "root", expected "4321"'],
    ['a layer more', ['COPY Dockerfile /modelwhisk/adapter/main.cjs'], 'layer 6 is sha256:'],
  ])('refuses %s', async (what, lines, difference) => {
    const evil = `${host}/evil/${what.replaceAll(' ', '-')}`;
    await makeImage(evil, [`FROM ${host}/me/iris`, ...lines]);
    const { exitCode, stdout } = await verify(`docker-daemon:${evil}`);
    expect(stdout).toContain(`\n  ${difference}`);
    expect(exitCode).toBe(1);
  });

  async function build(base: string, ...words: readonly string[]): Promise<void> {
    const source = ['--image', `${host}/models/${base}`, '--port', '5000', '--predict', '/go', '--engine', 'docker'];
    const { exitCode, stderr } = await run(...source, '--username', 'me', '--registry', host, ...words);
    if (exitCode !== 0) throw new Error(stderr);
  }

  async function verify(place: string): Promise<CliResult> {
    return run('verify', place);
  }

  async function run(...words: readonly string[]): Promise<CliResult> {
    return cli.run([...words, ...cli.layers], undefined, { PATH: process.env['PATH'], DOCKER_BUILDKIT: '0' });
  }
});
