import { execa } from 'execa';
import openwhisk from 'openwhisk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDigitsImage } from '../support/digits-image.ts';
import { docker, removeImagesOf } from '../support/docker.ts';
import { eventually } from '../support/eventually.ts';
import { importNodeImage } from '../support/node-image.ts';
import { type RunningProgram, startProgram } from '../support/program.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';
import { lacks } from '../support/requirements.ts';

const root = join(import.meta.dirname, '../..');
const sample = join(root, 'examples/digits/samples/7.png');

// The whole way on one machine: an image is built and pushed, then deployed to the gateway, which pulls and runs it.
describe.skipIf(lacks('a Docker engine', 'docker-registry', 'debootstrap', 'curl'))('digits on the gateway', () => {
  let registry: TestRegistry;
  let gateway: RunningProgram;
  let address: { url: string; key: string };
  let image: string;
  let home: string;
  let environment: Record<string, string>;

  beforeAll(async () => {
    registry = await startRegistry();
    home = await mkdtemp(join(tmpdir(), 'deploy-slow-'));
    const [node, base] = [`${registry.host}/library/node`, `${registry.host}/library/digits`];
    await importNodeImage(node);
    await makeDigitsImage(base, node);
    image = `${registry.host}/me/digits`;
    environment = { MODELWHISK_RUNTIME_IMAGE: node, HOME: home };
    await run('--models', 'digits', '--base', base, '--engine', 'docker', ...owner());
    gateway = startProgram(['start', '--empty', '--port', '0', '--json', '--quiet'], { cwd: root });
    address = JSON.parse(await gateway.printed(/\n/)) as typeof address;
    environment = { ...environment, __OW_API_HOST: address.url, __OW_API_KEY: address.key };
    // The gateway has to pull it.
    await docker('image', 'rm', '--force', image);
  });

  afterAll(async () => {
    await gateway?.interrupt();
    await removeImagesOf(registry.host);
    await registry.close();
    await rm(home, { recursive: true });
  });

  async function run(...words: readonly string[]): Promise<string> {
    const { stdout } = await execa(join(root, 'build.ts'), words, { cwd: root, env: environment });
    return stdout;
  }

  function owner(): readonly string[] {
    return ['--username', 'me', '--registry', registry.host];
  }

  /** The containers of this image. */
  async function containers(): Promise<string> {
    return docker('ps', '--all', '--quiet', '--filter', `ancestor=${image}`);
  }

  async function paste(curl: string): Promise<unknown> {
    const { stdout } = await execa('sh', ['-c', `${curl} --silent --max-time 60`], { cwd: root });
    return (JSON.parse(stdout) as { predictions: { label: string }[] }).predictions[0]?.label;
  }

  test('deploy, call, update, call and remove by this program', async () => {
    const created = JSON.parse(await run('deploy', 'digits', ...owner(), '--json')) as { curl: string; status: string };
    expect(created.status).toBe('created');
    expect(await paste(created.curl)).toBe('seven');
    const first = await containers();
    const updated = JSON.parse(await run('deploy', 'digits', ...owner(), '--json', '--raw')) as typeof created;
    expect(updated.status).toBe('updated');
    expect(await paste(updated.curl)).toBe('seven');
    await eventually('the container of the first version is removed', containers, (ids) => !ids.includes(first));
    expect(await run('remove', 'digits', ...owner())).toBe('removed digits from openwhisk');
    await eventually('no container is left', containers, (ids) => ids === '');
    expect((await fetch(`${address.url}/api/v1/web/guest/default/digits`)).status).toBe(404);
  });

  test("create, update, invoke and delete by Apache's client", async () => {
    const { actions, packages } = openwhisk({ apihost: address.url, api_key: address.key });
    await packages.update({ name: 'models', package: { parameters: [{ key: 'unused', value: 1 }] } });
    const name = 'models/digits';
    const exec = { kind: 'blackbox', image };
    const created = await actions.create({ name, action: '', exec, limits: { memory: 512 } });
    expect(created).toMatchObject({ namespace: 'guest/models', name: 'digits', version: '0.0.1', exec });
    await expect(actions.create({ name, action: '', exec })).rejects.toMatchObject({ statusCode: 409 });
    const updated = await actions.update({ name, action: '', exec, limits: { memory: 512, timeout: 120_000 } });
    expect(updated).toMatchObject({ version: '0.0.2', limits: { memory: 512, timeout: 120_000 } });
    const params = { image: (await readFile(sample)).toString('base64') };
    const result = await actions.invoke({ name, blocking: true, result: true, params });
    expect(result).toMatchObject({ predictions: [{ label: 'seven' }, {}, {}, {}, {}, {}, {}, {}, {}, {}] });
    await actions.delete({ name });
    await expect(actions.get({ name })).rejects.toMatchObject({ statusCode: 404 });
    await packages.delete({ name: 'models' });
  });

  test('an image that cannot be pulled is an error of the action, with its name', async () => {
    const { actions } = openwhisk({ apihost: address.url, api_key: address.key });
    const missing = `${registry.host}/me/missing`;
    await actions.update({ name: 'missing', action: '', exec: { kind: 'blackbox', image: missing } });
    await expect(actions.invoke({ name: 'missing', blocking: true })).rejects.toMatchObject({
      statusCode: 502,
      error: { response: { result: { error: `Failed to pull container image '${missing}'.` } } },
    });
    await actions.delete({ name: 'missing' });
  });
});
