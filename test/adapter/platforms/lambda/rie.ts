import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { adapterCommand, loadable } from '../../adapter-process.ts';
import { startStrictContainer, whenListening } from '../../../support/container.ts';
import { imageConfiguration } from '../../../support/docker.ts';
import { freePort } from '../../../support/free-port.ts';
import { programPath } from '../../../support/requirements.ts';

/** AWS's Runtime Interface Emulator with the adapter as its function. */
export interface Emulator {
  invoke(event: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

/** Starts the emulator, which starts the adapter for the row with the first event. */
export async function startEmulator(row: object): Promise<Emulator> {
  const [port, runtimePort] = [await freePort(), await freePort()];
  const flags = [
    '--runtime-interface-emulator-address',
    `127.0.0.1:${port}`,
    '--runtime-api-address',
    `127.0.0.1:${runtimePort}`,
  ];
  const child = spawn('aws-lambda-rie', [...flags, ...(await adapterCommand(row))], {
    env: { PATH: process.env['PATH'], MODELWHISK_MODEL: JSON.stringify(await loadable(row)) },
    stdio: 'ignore',
  });
  const exited = once(child, 'exit');
  const ended = exited.then(() => {
    throw new Error('the emulator ended');
  });
  ended.catch(() => undefined);
  return {
    invoke: async (event) => Promise.race([invokeAt(`127.0.0.1:${port}`, event), ended]),
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
  return { invoke: async (event) => invokeAt(`${address}:8080`, event), stop: close };
}

async function invokeAt(host: string, event: unknown): Promise<unknown> {
  const url = `http://${host}/2015-03-31/functions/function/invocations`;
  const reply = await whenListening(async () => fetch(url, { method: 'POST', body: JSON.stringify(event) }));
  return reply.json();
}
