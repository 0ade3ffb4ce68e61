import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import { variedRequests } from './adapter/model/http/varied-requests.ts';
import { stepsAfterAll } from './support/after-all.ts';
import { startContainer, whenListening } from './support/container.ts';
import { docker, removeImagesOf } from './support/docker.ts';
import { maxDigitsImages, type MaxDigitsImages } from './support/max-digits.ts';
import { asOpenWhiskSends, exceptions, exchange } from './support/max-replies.ts';
import { hasUnreadRequest, signalProcess } from './support/model-process.ts';
import { startRegistry } from './support/registry.ts';
import { lacks } from './support/requirements.ts';
import { startWebAction, type WebAction } from './support/web-action.ts';

const impossible = lacks('a Docker engine', 'docker-registry', 'debootstrap', 'curl', 'skopeo');
const samples = join(import.meta.dirname, '../examples/digits/samples');
const engines = ['docker', 'registry'] as const;

// flask-restx's reply to an unknown method depends on the order of a Python set.
const sameInEveryProcess = ['--env', 'PYTHONHASHSEED=0'];

describe.skipIf(impossible)('a MAX server, from its Dockerfile through build.ts and a registry to a web action', () => {
  const cleanUp = stepsAfterAll();
  let images: MaxDigitsImages;

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-max-digits-'));
    cleanUp.push(async () => rm(folder, { recursive: true }));
    const running = await startRegistry();
    cleanUp.push(
      async () => running.close(),
      async () => removeImagesOf(running.host),
    );
    images = await maxDigitsImages(running.host, folder);
  }, 900_000);

  describe.each([
    ['as pip installs it today', 'requirements.txt'],
    ['with the packages of max-base v1.5.2', 'requirements-max-base-1.5.2.txt'],
  ])('%s', (_, requirements) => {
    const cleanUpServer = stepsAfterAll();
    let model: string;
    let server: string;

    beforeAll(async () => {
      model = await images.model(requirements);
      const { address, close } = await startContainer(model, ...sameInEveryProcess);
      cleanUpServer.push(close);
      server = `http://${address}:5000`;
      await whenListening(async () => fetch(server));
    }, 900_000);

    describe.each(engines)('wrapped by the %s engine', (engine) => {
      const cleanUpActions = stepsAfterAll();
      let web: WebAction;
      let raw: WebAction;

      beforeAll(async () => {
        const image = await images.wrapped(model, engine);
        const container = ['--tmpfs', '/tmp', '--memory', '1g', ...sameInEveryProcess];
        web = await startWebAction(image, { container });
        cleanUpActions.push(web.close);
        raw = await startWebAction(image, { container, raw: true });
        cleanUpActions.push(raw.close);
      }, 900_000);

      test.each(['0.png', '3-transparent.png', '4.jpg', '5.bmp', '6.gif', '7.png'])(
        'curl -F image=@%s gets the right digit',
        async (file) => {
          const { stdout } = await execa('curl', ['--silent', '-F', `image=@${join(samples, file)}`, web.url]);
          expect(digitOf(JSON.parse(stdout))).toBe(file[0]);
        },
      );

      test("200 varied requests, but for those below, get the model server's own replies, byte for byte", async () => {
        const requests = variedRequests(samples);
        expect(requests).toHaveLength(200);
        for (const request of requests.filter((each) => !exceptions.some(({ applies }) => applies(each)))) {
          const expected = asOpenWhiskSends(await exchange(server, request), request);
          const label = `${request.method} ${request.path}?${request.query}`;
          expect(await exchange(raw.url, request), label).toEqual(expected);
        }
      });

      test.each(exceptions.map((each) => [each.rule, each] as const))('but %s', async (_rule, { applies, reply }) => {
        const requests = variedRequests(samples).filter(applies);
        expect(requests).toHaveLength(1);
        for (const request of requests) {
          const { status, body } = await exchange(raw.url, request);
          expect({ status, text: body.toString() }).toEqual({
            status: reply.status,
            text: expect.stringContaining(reply.text) as string,
          });
        }
      });

      test('kill -9 of the model server in the middle of a call: 502, and the next call succeeds in the same container', async () => {
        const { id, url, activations } = web;
        const before = await lifeOf(id);
        // A stopped process cannot end the call before it is killed.
        await signalProcess(id, 'python', 'STOP');
        const during = predict(url);
        await expect.poll(async () => hasUnreadRequest(id, 5000), { timeout: 30_000 }).toBe(true);
        // A call that has only just been sent is repeated instead.
        await sleep(500);
        await signalProcess(id, 'python', 'KILL');
        const failed = await during;
        expect(failed.status).toBe(502);
        expect(await failed.json()).toMatchObject({ code: 'MODEL_CRASHED' });
        const next = await predict(url);
        expect(next.status).toBe(200);
        expect(digitOf(await next.json())).toBe('7');
        expect(await lifeOf(id)).toBe(before);
        expect(activations.filter(({ outcome }) => outcome.initTime !== undefined)).toHaveLength(1);
        expect((await docker('logs', id)).match(/model server ready/g)).toHaveLength(2);
      });
    });
  });
});

async function predict(url: string): Promise<Response> {
  const form = new FormData();
  form.set('image', new Blob([await readFile(join(samples, '7.png'))], { type: 'image/png' }), '7.png');
  return fetch(url, { method: 'POST', body: form });
}

function digitOf(reply: unknown): string | undefined {
  return (reply as { readonly predictions?: readonly { readonly label_id: string }[] }).predictions?.[0]?.label_id;
}

/** What would change if the container were restarted. */
async function lifeOf(id: string): Promise<string> {
  return docker('inspect', '--format', '{{.State.Running}} {{.State.Pid}} {{.State.StartedAt}}', id);
}
