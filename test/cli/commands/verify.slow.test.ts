import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lacks } from '../../support/requirements.ts';
import {
  digestOf,
  pushBase,
  type PushedBase,
  pushBlob,
  pushManifest,
} from '../../image/registry/support/base-images.ts';
import { type RegistryCli, startRegistryCli } from './registry-cli.ts';

describe.skipIf(lacks('docker-registry'))('build.ts verify', () => {
  let cli: RegistryCli;
  let base: PushedBase;
  let image: string;
  beforeAll(async () => {
    cli = await startRegistryCli();
    base = await pushBase(cli.host, 'models/iris', '2', { config: { Cmd: ['/serve'] } });
    const source = ['--image', `${cli.host}/models/iris:2`, '--port', '5000', '--predict', '/go'];
    const target = ['--username', 'me', '--registry', cli.host];
    const { exitCode, stderr } = await cli.run([...source, ...target, ...cli.layers]);
    if (exitCode !== 0) throw new Error(stderr);
    image = `${cli.host}/me/iris`;
  });
  afterAll(async () => cli.close());

  test('an image that is exactly its base and this adapter ends with 0', async () => {
    const name = `${cli.host}/models/iris:2`;
    expect(await cli.run(['verify', image, ...cli.layers])).toMatchObject({
      exitCode: 0,
      stdout: `${image} is exactly ${name}@${base.digest} and this adapter\n`,
    });
    const { exitCode, stdout } = await cli.run(['verify', image, ...cli.layers, '--json']);
    expect(exitCode).toBe(0);
    const digest = expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string;
    expect(JSON.parse(stdout)).toEqual({
      image,
      digest,
      verified: true,
      compared: 'digests',
      base: { name, digest: base.digest },
      layers: [digest, digest],
      differences: [],
    });
  });

  test('an image with an additional variable ends with 1, and the variable is named', async () => {
    await tamper('other');
    const { exitCode, stdout, stderr } = await cli.run(['verify', `${image}:other`, ...cli.layers]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
    expect(stdout).toMatch(/^\S+\/me\/iris:other is not exactly .* and this adapter:\n/);
    expect(stdout).toContain('\n  config.Env has "EVIL=1", which was not expected\n');
    const json = await cli.run(['verify', `${image}:other`, ...cli.layers, '--json']);
    expect(json.exitCode).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({
      verified: false,
      differences: ['config.Env has "EVIL=1", which was not expected'],
    });
  });

  test('another adapter layer is named by its digests', async () => {
    const elsewhere = await pushBase(cli.host, 'me/iris-layers', 'v1');
    await tamper('layer', elsewhere.manifest.layers[0]);
    const { exitCode, stdout } = await cli.run(['verify', `${image}:layer`, ...cli.layers, '--json']);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      differences: [expect.stringMatching(/^layer 5 is sha256:\w+ when unpacked; the configuration says sha256:\w+$/)],
    });
  });

  test('--quiet prints nothing; the exit code says it', async () => {
    expect(await cli.run(['verify', image, ...cli.layers, '--quiet'])).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  });

  test('an image without information about its base ends with 1, one line and a hint', async () => {
    expect(await cli.run(['verify', `${cli.host}/models/iris:2`, ...cli.layers, '--quiet'])).toEqual({
      exitCode: 1,
      stdout: '',
      stderr:
        `error: ${cli.host}/models/iris:2 does not say what it was made from\n` +
        '  hint: only images that modelwhisk made can be verified\n',
    });
  });

  /** Pushes the image with another tag and one change: its last layer, or an additional variable. */
  async function tamper(tag: string, layer?: PushedBase['manifest']['layers'][number]): Promise<void> {
    const get = async (path: string): Promise<Response> =>
      fetch(`http://${cli.host}/v2/me/iris/${path}`, {
        headers: { accept: 'application/vnd.docker.distribution.manifest.v2+json' },
      });
    const manifest = (await (await get('manifests/latest')).json()) as {
      mediaType: string;
      config: { digest: string; size: number };
      layers: { digest: string }[];
    };
    if (layer !== undefined) {
      const mount = `blobs/uploads/?mount=${layer.digest}&from=me/iris-layers`;
      await fetch(`http://${cli.host}/v2/me/iris/${mount}`, { method: 'POST' });
      const layers = manifest.layers.map((each, index) => (index === 4 ? { ...each, ...layer } : each));
      await pushManifest(cli.host, 'me/iris', tag, manifest.mediaType, { ...manifest, layers });
      return;
    }
    const config = (await (await get(`blobs/${manifest.config.digest}`)).json()) as { config: { Env: string[] } };
    config.config.Env.push('EVIL=1');
    const bytes = Buffer.from(JSON.stringify(config));
    await pushBlob(cli.host, 'me/iris', bytes);
    await pushManifest(cli.host, 'me/iris', tag, manifest.mediaType, {
      ...manifest,
      config: { ...manifest.config, digest: digestOf(bytes), size: bytes.length },
    });
  }
});
