import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { type RegistryCli, startRegistryCli } from '../../../cli/commands/registry-cli.ts';
import { docker, diffIds, imageConfiguration } from '../../../support/docker.ts';
import { lacks } from '../../../support/requirements.ts';
import { pushBase } from '../../registry/support/base-images.ts';
import { skopeoInspect } from '../../registry/support/skopeo.ts';

describe.skipIf(lacks('docker-registry', 'skopeo', 'a Docker engine'))('build.ts --output', () => {
  let cli: RegistryCli;
  beforeAll(async () => {
    cli = await startRegistryCli();
    const config = { Cmd: ['/serve'], ExposedPorts: { '9000/tcp': {} } };
    for (const family of ['docker', 'oci'] as const)
      await pushBase(cli.host, `models/${family}`, 'v1', { config, family });
  });
  afterAll(async () => cli.close());

  async function build(name: string, output: string, ...words: readonly string[]) {
    const image = ['--image', `${cli.host}/models/${name}:v1`, '--username', 'me', '--registry', cli.host];
    return cli.run([...image, ...cli.layers, '--output', output, ...words]);
  }

  test.each(['docker', 'oci'])(
    'oci:DIR of a %s base is what skopeo reads, and verify accepts once it is pushed',
    async (family) => {
      const folder = join(cli.folder, `layout-${family}`);
      const { exitCode, stdout, stderr } = await build(family, `oci:${folder}`, '--json');
      expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' });
      const { models } = JSON.parse(stdout) as { models: { digest: string; status: string }[] };
      expect(models).toMatchObject([{ status: 'built' }]);
      const name = `${cli.host}/me/${family}:latest`;

      const { stdout: inspected } = await execa('skopeo', ['inspect', `oci:${folder}:${name}`]);
      expect(JSON.parse(inspected)).toMatchObject({
        Digest: models[0]?.digest,
        Labels: { 'dev.modelwhisk.model': family },
      });

      // Nothing was pushed. skopeo's copy there passes verify.
      await expect(skopeoInspect(name)).rejects.toThrow(/unknown/);
      const to = ['--dest-tls-verify=false', `oci:${folder}:${name}`, `docker://${name}`];
      await execa('skopeo', ['copy', '--preserve-digests', ...to]);
      expect((await cli.run(['verify', name, ...cli.layers])).stdout).toContain('is exactly');
      await docker('pull', '--quiet', name);
      await docker('image', 'rm', name);
    },
  );

  test('oci:DIR holds several images, and one of the same name is replaced', async () => {
    const folder = join(cli.folder, 'several');
    for (const words of [['docker'], ['oci'], ['oci', '--env', 'A=b']] as const) {
      expect((await build(words[0], `oci:${folder}`, ...words.slice(1))).exitCode).toBe(0);
    }
    const { manifests } = JSON.parse(await readFile(join(folder, 'index.json'), 'utf8')) as { manifests: object[] };
    expect(manifests).toHaveLength(2);
    expect((await readdir(join(folder, 'blobs/sha256'))).filter((file) => file.includes('partial'))).toEqual([]);
  });

  test.each(['docker', 'oci'])('docker-archive:FILE of a %s base is what docker and skopeo load', async (family) => {
    const file = join(cli.folder, `${family}.tar`);
    const { exitCode, stderr } = await build(family, `docker-archive:${file}`, '--tag', 'loaded');
    expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' });
    const name = `${cli.host}/me/${family}:loaded`;

    expect(await docker('load', '--input', file)).toContain(`Loaded image: ${name}`);
    expect(await imageConfiguration(name)).toMatchObject({ Labels: { 'dev.modelwhisk.model': family } });
    expect(await diffIds(name)).toHaveLength(5);
    await docker('image', 'rm', name);
    const { stdout } = await execa('skopeo', ['inspect', `docker-archive:${file}`]);
    expect(JSON.parse(stdout)).toMatchObject({ Labels: { 'dev.modelwhisk.model': family } });
    await execa('skopeo', ['copy', '--dest-tls-verify=false', `docker-archive:${file}`, `docker://${name}`]);
    expect((await readdir(cli.folder)).filter((each) => each.includes('partial'))).toEqual([]);
  });

  test('a folder with other content is not changed', async () => {
    await writeFile(join(cli.folder, 'index.json'), '{"name":"mine"}');
    const { exitCode, stderr } = await build('oci', `oci:${cli.folder}`, '--quiet');
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('is not an OCI image layout') as string,
    });
    expect(await readFile(join(cli.folder, 'index.json'), 'utf8')).toBe('{"name":"mine"}');
  });
});
