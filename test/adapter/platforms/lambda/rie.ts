import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adapterCommand, loadable } from '../../adapter-process.ts';
import { startContainer, startStrictContainer, whenListening } from '../../../support/container.ts';
import { imageConfiguration } from '../../../support/docker.ts';
import { eventually } from '../../../support/eventually.ts';
import { freePort } from '../../../support/free-port.ts';
import { programPath } from '../../../support/requirements.ts';

/** AWS's Runtime Interface Emulator with the adapter as its function. */
export interface Emulator {
  /** The answer to an event, as JSON. */
  invoke(event: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

/** The emulator as a process of this machine. */
export interface EmulatorProcess extends Emulator {
  /** The answer as the emulator gives it, to a call with these headers. */
  send(
    event: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<{ readonly status: number; readonly text: string }>;
  /** What the function has logged. */
  output(): string;
}

export interface EmulatorOptions {
  /** Variables of the function. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Flags of the emulator. */
  readonly flags?: readonly string[];
}

/** Starts the emulator, which starts the adapter for the row with the first event. */
export async function startEmulator(
  row: object,
  { environment = {}, flags = [] }: EmulatorOptions = {},
): Promise<EmulatorProcess> {
  const [port, runtimePort] = [await freePort(), await freePort()];
  const addresses = [
    '--runtime-interface-emulator-address',
    `127.0.0.1:${port}`,
    '--runtime-api-address',
    `127.0.0.1:${runtimePort}`,
  ];
  const child = spawn('aws-lambda-rie', [...addresses, ...flags, ...(await adapterCommand(row))], {
    env: { PATH: process.env['PATH'], MODELWHISK_MODEL: JSON.stringify(await loadable(row)), ...environment },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const exited = once(child, 'exit');
  const ended = exited.then(() => {
    throw new Error('the emulator ended');
  });
  ended.catch(() => undefined);
  const send: EmulatorProcess['send'] = async (event, headers) => {
    const reply = await Promise.race([invokeAt(`127.0.0.1:${port}`, event, headers), ended]);
    return { status: reply.status, text: await reply.text() };
  };
  return {
    send,
    invoke: async (event) => JSON.parse((await send(event)).text) as unknown,
    output: () => output,
    async stop() {
      child.kill();
      await exited;
    },
  };
}

/**
 * Starts an image in the emulator as in AWS's "Test your container image locally": the emulator is mounted and is the
 * container's entrypoint, with the image's own entrypoint as its arguments.
 */
export async function startEmulatorContainer(image: string): Promise<Emulator> {
  const { Entrypoint: entrypoint, Cmd: command } = await imageConfiguration(image);
  const words = [entrypoint, command].flatMap((each) => (Array.isArray(each) ? each.map(String) : []));
  const emulator = [
    '--volume',
    `${programPath('aws-lambda-rie')}:/aws-lambda-rie:ro`,
    '--entrypoint',
    '/aws-lambda-rie',
  ];
  const { address, close } = await startStrictContainer([image, ...words], ...emulator);
  return { invoke: async (event) => (await invokeAt(`${address}:8080`, event)).json(), stop: close };
}

/**
 * Starts an image in the emulator of Managed Instances, which hands on up to four events at the same time. This one starts
 * nothing but /var/task/bootstrap, as a user of its own; the folder is mounted with a script that starts the adapter.
 *
 * @param image of makeAdapterImage, for a row
 */
export async function startManagedInstance(image: string, row: object): Promise<Emulator> {
  const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-task-'));
  const script = '#!/node\nrequire("/modelwhisk/adapter/main.cjs");\n';
  await writeFile(join(folder, 'bootstrap'), script);
  // The emulator runs as root, and the adapter as another user.
  await chmod(folder, 0o755);
  await chmod(join(folder, 'bootstrap'), 0o755);
  const variables = { AWS_LAMBDA_MAX_CONCURRENCY: '4', MODELWHISK_MODEL: JSON.stringify(row) };
  const { address, close } = await startContainer(
    image,
    '--tmpfs=/tmp',
    '--entrypoint=/aws-lambda-rie',
    `--volume=${programPath('aws-lambda-rie')}:/aws-lambda-rie:ro`,
    `--volume=${folder}:/var/task:ro`,
    ...Object.entries(variables).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
  );
  let isStopped = false;
  return {
    // It refuses an event while no loop of the adapter asks for one: at the start, and right after an answer.
    invoke: async (event) =>
      eventually(
        'the emulator takes the event',
        // Another container may get the address.
        async (): Promise<Answer> =>
          isStopped ? {} : ((await postEvent(`${address}:8080`, event)).json() as Promise<Answer>),
        ({ errorType }) => errorType !== 'Runtime.Unavailable',
        60,
      ),
    async stop() {
      isStopped = true;
      await close();
      await rm(folder, { recursive: true });
    },
  };
}

interface Answer {
  readonly errorType?: string;
}

async function invokeAt(host: string, event: unknown, headers?: Readonly<Record<string, string>>): Promise<Response> {
  return whenListening(async () => postEvent(host, event, headers));
}

async function postEvent(
  host: string,
  event: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const url = `http://${host}/2015-03-31/functions/function/invocations`;
  return fetch(url, { method: 'POST', headers, body: JSON.stringify(event) });
}
