import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { adapterCommand, loadable } from '../../adapter-process.ts';
import { startStrictContainer, whenListening } from '../../../support/container.ts';
import { imageConfiguration } from '../../../support/docker.ts';
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

async function invokeAt(
  host: string,
  event: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const url = `http://${host}/2015-03-31/functions/function/invocations`;
  return whenListening(async () => fetch(url, { method: 'POST', headers, body: JSON.stringify(event) }));
}
