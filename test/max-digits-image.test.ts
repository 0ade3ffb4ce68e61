import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAction } from '../gateway/action.ts';
import type { Activation } from '../gateway/activations.ts';
import { createGateway } from '../gateway/server.ts';
import { variedRequests, type VariedRequest } from './adapter/model/http/varied-requests.ts';
import { send } from './gateway/support/send.ts';
import { startAction, startContainer, whenListening } from './support/container.ts';
import { docker, removeImagesOf } from './support/docker.ts';
import { maxDigitsImages, type MaxDigitsImages } from './support/max-digits.ts';
import { hasUnreadRequest, signalProcess } from './support/model-process.ts';
import { startRegistry } from './support/registry.ts';
import { commandsAvailable, dockerAvailable } from './support/requirements.ts';

const possible = (await dockerAvailable()) && (await commandsAvailable('docker-registry', 'debootstrap', 'curl'));
const samples = join(import.meta.dirname, '../examples/digits/samples');
const engines = ['docker', 'registry'] as const;

// Which of two replies flask-restx gives to a method it does not know depends on the order of a Python set.
const sameInEveryProcess = ['--env', 'PYTHONHASHSEED=0'];

/** Requests that get another reply from the web action than from the model server, each by a rule of its own. */
const exceptions = [
  {
    rule: 'OpenWhisk looks at Accept itself',
    applies: ({ headers }: VariedRequest) => headers.some(([name]) => name === 'Accept'),
    reply: { status: 406, text: 'Resource representation is only available with these types:\\napplication/json' },
  },
  {
    rule: 'a reply over 1 MB does not fit into a result',
    applies: ({ path }: VariedRequest) => path === '/swaggerui/swagger-ui-bundle.js',
    reply: { status: 413, text: 'RESULT_TOO_LARGE' },
  },
  {
    rule: "a POST to the action's own address is a prediction",
    applies: ({ method, path }: VariedRequest) => method === 'POST' && path === '/',
    reply: { status: 400, text: 'The provided image shows no digit' },
  },
  {
    rule: "JSON with the file in it becomes the model's form",
    applies: ({ body }: VariedRequest) => Buffer.from(body).toString() === '{"image":"aGVsbG8="}',
    reply: { status: 400, text: 'The provided input is not a valid image' },
  },
];

describe.skipIf(!possible)('a MAX server, from its Dockerfile through build.ts and a registry to a web action', () => {
  const cleanUp = stepsAfterAll();
  let images: MaxDigitsImages;

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-max-digits-'));
    cleanUp.push(async () => rm(folder, { recursive: true }));
    const { host, close } = await startRegistry();
    cleanUp.push(close, async () => removeImagesOf(host));
    images = await maxDigitsImages(host, folder);
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
      let web: Deployed;
      let raw: Deployed;

      beforeAll(async () => {
        const image = await images.wrapped(model, engine);
        [web, raw] = await Promise.all([deploy(image, cleanUpActions), deploy(image, cleanUpActions, { raw: true })]);
      }, 900_000);

      test.each(['0.png', '3-transparent.png', '4.jpg', '5.bmp', '6.gif', '7.png'])(
        'curl -F image=@%s gets the right digit',
        async (file) => {
          const { stdout } = await execa('curl', ['--silent', '-F', `image=@${join(samples, file)}`, web.url]);
          expect(digitOf(JSON.parse(stdout))).toBe(file[0]);
        },
      );

      test("200 varied requests get the model server's own replies, byte for byte", async () => {
        const requests = variedRequests(samples);
        expect(requests).toHaveLength(200);
        for (const request of requests.filter((each) => !exceptions.some(({ applies }) => applies(each)))) {
          const expected = asOpenWhiskSends(await exchange(server, request), request);
          const label = `${request.method} ${request.path}?${request.query}`;
          expect(await exchange(raw.url, request), label).toEqual(expected);
        }
      });

      test.each(exceptions)('but $rule', async ({ applies, reply }) => {
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
        // Stopped, it cannot end the call before it is killed.
        await signalProcess(id, 'python', 'STOP');
        const during = predict(url);
        await expect.poll(async () => hasUnreadRequest(id, 5000), { timeout: 30_000 }).toBe(true);
        await signalProcess(id, 'python', 'KILL');
        const failed = await during;
        expect(failed.status).toBe(502);
        expect(await failed.json()).toMatchObject({ code: 'MODEL_CRASHED' });
        const next = await predict(url);
        expect(next.status).toBe(200);
        expect(digitOf(await next.json())).toBe('7');
        expect(await lifeOf(id)).toBe(before);
        expect(activations.slice(1).every(({ outcome }) => outcome.initTime === undefined)).toBe(true);
      });
    });
  });
});

/** Steps to take, the last one first, when all tests of the describe block are done. */
function stepsAfterAll(): (() => Promise<unknown>)[] {
  const steps: (() => Promise<unknown>)[] = [];
  afterAll(async () => {
    for (const step of steps.toReversed()) await step();
  });
  return steps;
}

interface Deployed {
  /** The container's. */
  readonly id: string;
  /** Where the gateway offers the web action. */
  readonly url: string;
  readonly activations: readonly Activation[];
}

/** Runs an image as a web action behind a gateway: any user, nothing writable but /tmp, 1 GB. */
async function deploy(
  image: string,
  cleanUp: (() => Promise<unknown>)[],
  { raw = false }: { readonly raw?: boolean } = {},
): Promise<Deployed> {
  const container = await startAction(image, '--tmpfs', '/tmp', '--memory', '1g', ...sameInEveryProcess);
  cleanUp.push(container.close);
  const activations: Activation[] = [];
  const source = { kind: 'container', url: new URL(container.url) } as const;
  const gateway = createGateway({
    actions: [createAction({ name: 'max-digits', source, annotations: { 'raw-http': raw } })],
    onActivation: (activation) => activations.push(activation),
  });
  cleanUp.push(async () => gateway.close());
  const origin = await gateway.listen(0, '127.0.0.1');
  return { id: container.id, url: `${origin}/api/v1/web/guest/default/max-digits`, activations };
}

interface Reply {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly body: Buffer;
}

async function exchange(address: string, { method, path, query, headers, body }: VariedRequest): Promise<Reply> {
  const reply = await send(`${address}${path}${query === '' ? '' : `?${query}`}`, {
    method,
    // The model server sees this Host behind the adapter too, and writes it into redirections.
    headers: { Host: '127.0.0.1:5000', ...Object.fromEntries(headers) },
    ...(method === 'GET' || method === 'HEAD' ? {} : { body }),
  });
  return { status: reply.status, contentType: reply.all('content-type')[0], body: reply.body };
}

/** The reply as pekko-http writes it: no type without a body, which HEAD never has, and charsets in capitals. */
function asOpenWhiskSends(reply: Reply, { method }: VariedRequest): Reply {
  const contentType = method === 'HEAD' ? undefined : reply.contentType;
  return { ...reply, contentType: contentType?.replace('charset=utf-8', 'charset=UTF-8') };
}

async function predict(url: string): Promise<Response> {
  const form = new FormData();
  form.set('image', new Blob([await readFile(join(samples, '7.png'))], { type: 'image/png' }), '7.png');
  return fetch(url, { method: 'POST', body: form });
}

function digitOf(reply: unknown): string | undefined {
  return (reply as { readonly predictions: readonly { readonly label_id: string }[] }).predictions[0]?.label_id;
}

/** What would change if the container were restarted. */
async function lifeOf(id: string): Promise<string> {
  return docker('inspect', '--format', '{{.State.Running}} {{.State.Pid}} {{.State.StartedAt}}', id);
}
