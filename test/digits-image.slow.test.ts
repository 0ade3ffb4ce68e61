import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ClientRequest } from './contract/platform-client.ts';
import { stepsAfterAll } from './support/after-all.ts';
import { startContainer, whenListening } from './support/container.ts';
import { docker, removeImagesOf } from './support/docker.ts';
import { moveToRegistry } from './support/model-images.ts';
import { importNodeImage } from './support/node-image.ts';
import { platformContainers } from './support/platform-containers.ts';
import { startRegistry } from './support/registry.ts';
import { lacks } from './support/requirements.ts';
import { startWebAction, type WebAction } from './support/web-action.ts';
import { wrappedImage } from './support/wrapped-image.ts';

const impossible = lacks('a Docker engine', 'docker-registry', 'debootstrap', 'curl', 'skopeo');
const digits = join(import.meta.dirname, '../examples/digits');

describe.skipIf(impossible)('digits, from its Dockerfile through build.ts and a registry to every platform', () => {
  const cleanUp = stepsAfterAll();
  let folder: string;
  let registry: string;
  let node: string;
  let base: string;
  let server: Awaited<ReturnType<typeof startContainer>>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'modelwhisk-digits-'));
    cleanUp.push(async () => rm(folder, { recursive: true }));
    const running = await startRegistry();
    cleanUp.push(
      async () => running.close(),
      async () => removeImagesOf(running.host),
    );
    registry = running.host;
    node = `${registry}/library/node:24-bookworm-slim`;
    base = `${registry}/modelwhisk/digits:latest`;
    await importNodeImage(node);
    const words = ['--quiet', '--network', 'host', '--build-arg', `BASE=${node}`];
    // The first stage gets a name as well, to remove it in the end.
    await docker('build', ...words, '--target', 'build', '--tag', `${registry}/modelwhisk/digits:build`, digits);
    await docker('build', ...words, '--tag', base, digits);
    await docker('push', '--quiet', node);
    await moveToRegistry(base);
    server = await startContainer(base);
    cleanUp.push(server.close);
  }, 900_000);

  describe.each(['docker', 'registry'] as const)('wrapped by the %s engine', (engine) => {
    const cleanUpAction = stepsAfterAll();
    let image: string;
    let action: WebAction;

    beforeAll(async () => {
      const words = ['--base', base, '--runtime-image', node];
      image = await wrappedImage({ model: 'digits', engine, registry, tag: engine, words, cache: folder });
      action = await startWebAction(image);
      cleanUpAction.push(action.close);
    }, 900_000);

    test.each(['0.png', '3-transparent.png', '4.jpg', '6.gif', '7.png'])(
      'curl -F image=@%s gets the right digit',
      async (file) => {
        const { stdout } = await execa('curl', [
          '--silent',
          '-F',
          `image=@${join(digits, 'samples', file)}`,
          action.url,
        ]);
        const reply = JSON.parse(stdout) as Prediction;
        expect(reply.predictions[0]?.label_id).toBe(file[0]);
      },
    );

    test('a second activation finds the container warm', () => {
      expect(action.activations.map(({ outcome }) => outcome.initTime !== undefined)).toEqual([
        true,
        false,
        false,
        false,
        false,
      ]);
    });

    test.each(platformContainers)(
      'the same image, by its digest, answers the PNG of a digit as %s',
      async (_, start) => {
        expect(image).toMatch(/\/me\/digits@sha256:[0-9a-f]{64}$/);
        const platform = await start(image);
        try {
          for (const file of ['0.png', '3-transparent.png', '7.png']) {
            const { status, body } = await platform.send(await upload(file));
            const reply = JSON.parse(Buffer.from(body).toString()) as Prediction;
            expect([file, status, reply.predictions[0]?.label_id]).toEqual([file, 200, file[0]]);
          }
        } finally {
          await platform.close();
        }
      },
    );

    test('an image in a reply arrives byte for byte', async () => {
      const explain = async (address: string): Promise<Response> =>
        fetch(`${address}/model/explain`, { method: 'POST', body: await form('7.png') });
      const direct = await whenListening(async () => explain(`http://${server.address}:5000`));
      const throughAction = await explain(action.url);
      expect(throughAction.headers.get('content-type')).toBe('image/png');
      const bytes = Buffer.from(await throughAction.arrayBuffer());
      expect(bytes.equals(Buffer.from(await direct.arrayBuffer()))).toBe(true);
      expect(bytes.subarray(1, 4).toString()).toBe('PNG');
    });
  });
});

interface Prediction {
  readonly predictions: readonly { readonly label_id: string }[];
}

async function form(file: string): Promise<FormData> {
  const made = new FormData();
  made.set('image', new Blob([await readFile(join(digits, 'samples', file))], { type: 'image/png' }), file);
  return made;
}

/** The request that `curl -F image=@file` makes. */
async function upload(file: string): Promise<ClientRequest> {
  const request = new Request('http://model', { method: 'POST', body: await form(file) });
  const headers = [...request.headers];
  const body = Buffer.from(await request.arrayBuffer());
  return { method: 'POST', path: '/model/predict', query: '', headers, body, timeLimit: 30_000 };
}
