import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RewrapDocument } from '../../../cli/documents.ts';
import { pushBase } from '../../image/registry/support/base-images.ts';
import { skopeoInspect } from '../../image/registry/support/skopeo.ts';
import type { CliResult } from '../../support/build-cli.ts';
import { docker, imageConfiguration, removeImagesOf } from '../../support/docker.ts';
import { makeImage } from '../../support/model-images.ts';
import { lacks } from '../../support/requirements.ts';
import { type RegistryCli, startRegistryCli } from './registry-cli.ts';

describe.skipIf(lacks('docker-registry', 'skopeo', 'a Docker engine'))('build.ts rewrap', () => {
  let cli: RegistryCli;
  let host: string;
  beforeAll(async () => {
    cli = await startRegistryCli();
    ({ host } = cli);
  });
  afterAll(async () => {
    await removeImagesOf(host);
    await cli.close();
  });

  describe.each(['registry', 'docker'])('by the %s engine', (engine) => {
    let former: string;
    beforeAll(async () => {
      ({ digest: former } = await pushBase(host, `models/${engine}`, '1', {
        config: { Cmd: ['/serve'], Env: ['A=b'] },
      }));
      await build(engine, '--tag', 'v1');
    });

    test('puts today’s adapter onto the same base and pushes it under the same name, which verify accepts', async () => {
      const image = `${host}/me/${engine}:v1`;
      await pretendOlder(image);
      await pushBase(host, `models/${engine}`, '1', { layers: ['newer'], config: { Cmd: ['/serve'] } });
      const made = await rewrap(engine, image);
      expect(made).toMatchObject({
        status: 'pushed',
        target: image,
        engine,
        model: engine,
        version: { before: '0.0.1', after: expect.stringMatching(/^\d/) as string },
        base: { name: `${host}/models/${engine}:1`, digest: former },
        checked: false,
      });
      expect(await skopeoInspect(image)).toMatchObject({
        Digest: made.digest,
        Labels: {
          'dev.modelwhisk.version': made.version.after,
          'org.opencontainers.image.base.name': `${host}/models/${engine}:1`,
          'org.opencontainers.image.base.digest': former,
        },
      });
      expect(await run('verify', image)).toMatchObject({ exitCode: 0 });
      // Nothing is left to do.
      expect(await rewrap(engine, image)).toMatchObject({ status: 'unchanged', digest: made.digest });
    });

    test('--latest-base takes what the tag stands for now, --tag leaves the former image as it is', async () => {
      const { digest: latest } = await pushBase(host, `models/${engine}`, '1', {
        layers: ['latest'],
        config: { Cmd: ['/serve'] },
      });
      const image = `${host}/me/${engine}:v1`;
      const { Digest: before } = (await skopeoInspect(image)) as { readonly Digest: string };
      const made = await rewrap(engine, image, '--latest-base', '--tag', 'v2');
      expect(made).toMatchObject({ status: 'pushed', base: { digest: latest }, target: `${host}/me/${engine}:v2` });
      expect(await skopeoInspect(image)).toMatchObject({ Digest: before });
      expect(await run('verify', `${host}/me/${engine}:v2`)).toMatchObject({ exitCode: 0 });
    });

    /** The image as an older version would have made it: with another adapter layer and version. */
    async function pretendOlder(image: string): Promise<void> {
      const older = `${host}/older/${engine}:v1`;
      await docker('pull', '--quiet', image);
      await makeImage(older, [`FROM ${image}`, 'LABEL dev.modelwhisk.version=0.0.1']);
      await docker('push', '--quiet', older);
      expect(await run('copy', older, image, '--quiet')).toMatchObject({ exitCode: 0 });
    }
  });

  test('by the docker engine, --no-push takes an image of a base that is only there, and leaves the new one there', async () => {
    await makeImage(`${host}/models/local:1`, ['FROM scratch', 'COPY Dockerfile /serve', 'CMD ["/serve"]']);
    await build('local', '--no-push', '--engine', 'docker');
    const made = await rewrap('docker', `${host}/me/local`, '--no-push', '--tag', 'again');
    expect(made).toMatchObject({ status: 'built', base: { name: `${host}/models/local:1` } });
    expect(await imageConfiguration(`${host}/me/local:again`)).toEqual(await imageConfiguration(`${host}/me/local`));
  });

  test('--output writes the image to a file, and --quiet prints its name alone', async () => {
    await pushBase(host, 'models/file', '1', { config: { Cmd: ['/serve'] } });
    await build('file', '--engine', 'registry');
    const file = join(cli.folder, 'file.tar');
    const image = `${host}/me/file`;
    expect(await run('rewrap', image, '--output', `docker-archive:${file}`, '--quiet')).toEqual({
      exitCode: 0,
      stdout: `${image}\n`,
      stderr: '',
    });
    expect(existsSync(file)).toBe(true);
  });

  async function build(name: string, ...words: readonly string[]): Promise<void> {
    const source = ['--image', `${host}/models/${name}:1`, '--port', '5000', '--predict', '/go'];
    const { exitCode, stderr } = await run(...source, '--username', 'me', '--registry', host, ...words);
    if (exitCode !== 0) throw new Error(stderr);
  }

  async function rewrap(engine: string, image: string, ...words: readonly string[]): Promise<RewrapDocument> {
    const { exitCode, stdout, stderr } = await run('rewrap', image, '--engine', engine, '--json', ...words);
    if (exitCode !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as RewrapDocument;
  }

  async function run(...words: readonly string[]): Promise<CliResult> {
    const layers = words[0] === 'copy' ? [] : cli.layers;
    return cli.run([...words, ...layers], undefined, { PATH: process.env['PATH'] });
  }
});
