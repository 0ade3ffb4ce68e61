import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { packTar } from 'modern-tar';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RegistryCli, startRegistryCli } from '../cli/commands/registry-cli.ts';
import { arm64NodeTar, arm64NodeVersion } from '../support/arm64-node-image.ts';
import { whenListening } from '../support/container.ts';
import { diffIds, docker } from '../support/docker.ts';
import { freePort } from '../support/free-port.ts';
import { lacks } from '../support/requirements.ts';
import { oci } from '../../image/registry/media-types.ts';
import { pushBase, pushManifest } from './registry/support/base-images.ts';
import { skopeoInspect } from './registry/support/skopeo.ts';

const app = `export function app(request, response) {
  response.setHeader('content-type', 'text/plain');
  response.end(process.arch + ' ' + process.version);
}
`;

describe.skipIf(lacks('docker-registry', 'skopeo', 'debootstrap', 'tar'))('build.ts --platform linux/arm64', () => {
  let cli: RegistryCli;
  let folder: string;
  const flags = (): string[] => {
    const layers = ['--platform', 'linux/arm64', '--runtime-image', `${cli.host}/library/node:both`];
    const image = ['--image', `${cli.host}/models/app:v1`, '--express', 'app.mjs', '--predict', 'GET /'];
    return [...layers, ...image, '--username', 'me', '--registry', cli.host];
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'modelwhisk-arm64-'));
    cli = await startRegistryCli();
    const { host } = cli;
    // An index with one digest for all platforms, like that of the pinned image.
    const amd64 = await pushBase(host, 'library/node', 'amd64', { family: 'oci', layers: ['of another platform'] });
    const arm64 = await pushBase(host, 'library/node', 'arm64', {
      family: 'oci',
      architecture: 'arm64',
      tars: [await arm64NodeTar()],
      compression: 1,
    });
    const entries = [
      { ...entryOf(amd64), platform: { os: 'linux', architecture: 'amd64' } },
      { ...entryOf(arm64), platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
    ];
    const index = { schemaVersion: 2, mediaType: oci.index, manifests: entries };
    await pushManifest(host, 'library/node', 'both', oci.index, index);
    const body = Buffer.from(app);
    const tar = await packTar([{ header: { name: 'app/app.mjs', size: body.length }, body }]);
    const config = { Cmd: ['node', 'serve.mjs'], WorkingDir: '/app' };
    await pushBase(host, 'models/app', 'v1', { family: 'oci', architecture: 'arm64', tars: [tar], config });
  }, 600_000);
  afterAll(async () => {
    await cli.close();
    await rm(folder, { recursive: true });
  });

  test('makes an image of that platform, which verify and skopeo accept', async () => {
    const { exitCode, stderr } = await cli.run([...flags(), '--engine', 'registry', '--tag', 'registry']);
    expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' });
    const name = `${cli.host}/me/app:registry`;
    expect(await skopeoInspect(name, '--override-arch=arm64')).toMatchObject({ Architecture: 'arm64', Os: 'linux' });
    expect((await cli.run(['verify', name, ...flags().slice(0, 4)])).stdout).toContain('is exactly');
  });

  test('whose programs are all for that platform', async () => {
    const root = await unpackedImage();
    for (const name of ['node', 'lib/ld.so', 'lib/libc.so.6', 'lib/libstdc++.so.6', 'init']) {
      expect(await machineOf(join(root, 'modelwhisk/runtime', name))).toBe('arm64');
    }
  });

  test.skipIf(lacks('qemu-aarch64-static'))('and that runs', async () => {
    const root = await unpackedImage();
    const { config } = (await skopeoInspect(`${cli.host}/me/app:registry`, '--config', '--override-arch=arm64')) as {
      readonly config: { readonly Env: readonly string[]; readonly Entrypoint: readonly string[] };
    };
    const port = await freePort();
    const [init = '', ...command] = config.Entrypoint.map((word) => word.replace(/^\/modelwhisk/, `${root}$&`));
    // The init starts another program, which must be emulated as well.
    const running = execa('qemu-aarch64-static', [init, '/usr/bin/qemu-aarch64-static', ...command], {
      cwd: join(root, 'app'),
      extendEnv: false,
      env: {
        ...Object.fromEntries(config.Env.map((variable) => variable.split(/=(.*)/s).slice(0, 2))),
        MODELWHISK_PLATFORM: 'openwhisk',
        MODELWHISK_PORT: String(port),
      },
      reject: false,
    });
    try {
      const post = async (path: string, value: object): Promise<Response> =>
        fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: JSON.stringify({ value }) });
      const init200 = await whenListening(async () => post('/init', { name: 'test', main: 'main' }));
      expect(init200.status).toBe(200);
      const request = { __ow_method: 'get', __ow_path: '', __ow_headers: {}, __ow_query: '' };
      expect(await (await post('/run', request)).json()).toMatchObject({
        statusCode: 200,
        body: `arm64 v${arm64NodeVersion}`,
      });
    } finally {
      running.kill('SIGKILL');
      await running;
    }
  });

  test.skipIf(lacks('a Docker engine'))('the docker engine makes one, too', async () => {
    const environment = { PATH: process.env['PATH'], DOCKER_BUILDKIT: '0' };
    const words = [...flags(), '--engine', 'docker', '--tag', 'docker', '--no-push'];
    const { exitCode, stderr } = await cli.run(words, undefined, environment);
    expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' });
    const name = `${cli.host}/me/app:docker`;
    expect(await docker('image', 'inspect', '--format', '{{.Os}}/{{.Architecture}}', name)).toBe('linux/arm64');
    expect(await diffIds(name)).toHaveLength(3);
    const container = await docker('create', '--platform', 'linux/arm64', name);
    await docker('cp', `${container}:/modelwhisk/runtime/init`, join(folder, 'init'));
    await docker('rm', container);
    expect(await machineOf(join(folder, 'init'))).toBe('arm64');
    await docker('image', 'rm', name, `${cli.host}/models/app:v1`, `${cli.host}/library/node:both`);
  });

  /** The file system of the image. */
  async function unpackedImage(): Promise<string> {
    const [layout, root] = [join(folder, 'layout'), join(folder, 'root')];
    await mkdir(root, { recursive: true });
    const { exitCode } = await cli.run([...flags(), '--output', `oci:${layout}`]);
    expect(exitCode).toBe(0);
    const { manifests } = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8')) as {
      readonly manifests: readonly [{ readonly digest: string }];
    };
    const { layers } = JSON.parse(await readFile(blobOf(layout, manifests[0].digest), 'utf8')) as {
      readonly layers: readonly { readonly digest: string }[];
    };
    for (const { digest } of layers) await execa('tar', ['-C', root, '-xzf', blobOf(layout, digest)]);
    return root;
  }
});

/** A program's architecture by its ELF header: 64 bits, little-endian, and EM_AARCH64. */
async function machineOf(file: string): Promise<string> {
  const head = (await readFile(file)).subarray(0, 20);
  const isElf = head.subarray(0, 6).equals(Buffer.from('\x7fELF\x02\x01', 'latin1'));
  return isElf && head.readUInt16LE(18) === 183 ? 'arm64' : head.toString('hex');
}

function blobOf(layout: string, digest: string): string {
  return join(layout, 'blobs', digest.replace(':', '/'));
}

function entryOf({ digest, size }: { readonly digest: string; readonly size: number }): object {
  return { mediaType: oci.manifest, digest, size };
}
