import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAction } from '../gateway/action.ts';
import type { Activation } from '../gateway/activations.ts';
import { createGateway } from '../gateway/server.ts';
import { buildCli } from './support/build-cli.ts';
import { type ActionContainer, startAction, startContainer, whenListening } from './support/container.ts';
import { docker, removeImagesOf } from './support/docker.ts';
import { moveToRegistry } from './support/model-images.ts';
import { importNodeImage } from './support/node-image.ts';
import { startRegistry } from './support/registry.ts';
import { commandsAvailable, dockerAvailable } from './support/requirements.ts';

const possible = (await dockerAvailable()) && (await commandsAvailable('docker-registry', 'debootstrap', 'curl'));
const digits = join(import.meta.dirname, '../examples/digits');

let action: ActionContainer;
let server: Awaited<ReturnType<typeof startContainer>>;
let url: string;
const activations: Activation[] = [];
const cleanUp: (() => Promise<unknown>)[] = [];

describe.skipIf(!possible)('digits, from its Dockerfile through build.ts and a registry to a web action', () => {
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-digits-'));
    cleanUp.push(async () => rm(folder, { recursive: true }));
    const registry = await startRegistry();
    const { host } = registry;
    cleanUp.push(
      async () => registry.close(),
      async () => removeImagesOf(host),
    );
    const node = `${host}/library/node:24-bookworm-slim`;
    const base = `${host}/modelwhisk/digits:latest`;
    await importNodeImage(node);
    await docker('build', '--quiet', '--network', 'host', '--build-arg', `BASE=${node}`, '--tag', base, digits);
    await docker('push', '--quiet', node);
    await moveToRegistry(base);
    const words = ['--models', 'digits', '--username', 'me', '--registry', host, '--base', base, '--engine', 'docker'];
    const built = await buildCli([...words, '--runtime-image', node], { ...process.env, XDG_CACHE_HOME: folder });
    if (built.exitCode !== 0) throw new Error(built.stderr);
    await docker('image', 'rm', `${host}/me/digits`);
    await docker('pull', '--quiet', `${host}/me/digits`);
    action = await startAction(`${host}/me/digits`);
    cleanUp.push(action.close);
    server = await startContainer(base);
    cleanUp.push(server.close);
    const source = { kind: 'container', url: new URL(action.url) } as const;
    const gateway = createGateway({
      actions: [createAction({ name: 'digits', source })],
      onActivation: (activation) => activations.push(activation),
    });
    cleanUp.push(async () => gateway.close());
    url = `${await gateway.listen(0, '127.0.0.1')}/api/v1/web/guest/default/digits`;
  }, 900_000);

  afterAll(async () => {
    for (const step of cleanUp.toReversed()) await step();
  });

  test.each(['0.png', '3-transparent.png', '4.jpg', '6.gif', '7.png'])(
    'curl -F image=@%s gets the right digit',
    async (file) => {
      const { stdout } = await execa('curl', ['--silent', '-F', `image=@${join(digits, 'samples', file)}`, url]);
      const reply = JSON.parse(stdout) as { readonly predictions: readonly { readonly label_id: string }[] };
      expect(reply.predictions[0]?.label_id).toBe(file[0]);
    },
  );

  test('a second activation finds the container warm', () => {
    expect(activations.map(({ outcome }) => outcome.initTime !== undefined)).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  test('an image that is replied comes out byte for byte as the model server gave it', async () => {
    const image = new Blob([await readFile(join(digits, 'samples/7.png'))], { type: 'image/png' });
    const explain = async (address: string): Promise<Response> => {
      const form = new FormData();
      form.set('image', image, '7.png');
      return fetch(`${address}/model/explain`, { method: 'POST', body: form });
    };
    const direct = await whenListening(async () => explain(`http://${server.address}:5000`));
    const throughAction = await explain(url);
    expect(throughAction.headers.get('content-type')).toBe('image/png');
    const bytes = Buffer.from(await throughAction.arrayBuffer());
    expect(bytes.equals(Buffer.from(await direct.arrayBuffer()))).toBe(true);
    expect(bytes.subarray(1, 4).toString()).toBe('PNG');
  });
});
