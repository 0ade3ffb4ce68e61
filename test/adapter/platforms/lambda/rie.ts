import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startStrictContainer, whenListening } from '../../../support/container.ts';
import { imageConfiguration } from '../../../support/docker.ts';
import { freePort } from '../../../support/free-port.ts';

const root = join(import.meta.dirname, '../../../..');
const folder = join(root, '.cache/lambda');
const program = join(folder, 'aws-lambda-rie');

/** AWS's Runtime Interface Emulator with the adapter as its function. */
export interface Emulator {
  invoke(event: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

/**
 * Path of the emulator: AWS's release where one is on the PATH, else built from AWS's Go module; undefined, with a line
 * that says why, where neither can be had.
 */
export function emulatorProgram(): string | undefined {
  const installed = spawnSync('which', ['aws-lambda-rie'], { encoding: 'utf8' }).stdout.trim();
  if (installed !== '') return installed;
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  const packageName = 'github.com/aws/aws-lambda-runtime-interface-emulator/cmd/aws-lambda-rie@latest';
  const { error, status, stderr } = spawnSync('go', ['install', packageName], {
    env: { ...process.env, GOBIN: folder, CGO_ENABLED: '0' },
    encoding: 'utf8',
  });
  if (status === 0) return program;
  const reason = error === undefined ? stderr.trim().replaceAll(/\s+/g, ' ').slice(-200) : 'go is not installed';
  console.warn(`aws-lambda-rie cannot be installed (${reason}): the test that needs it is skipped`);
  return undefined;
}

/** Starts the emulator, which starts the adapter for the row with the first event. */
export async function startEmulator(path: string, row: object): Promise<Emulator> {
  const [port, runtimePort] = [await freePort(), await freePort()];
  const flags = [
    '--runtime-interface-emulator-address',
    `127.0.0.1:${port}`,
    '--runtime-api-address',
    `127.0.0.1:${runtimePort}`,
  ];
  const adapter = [process.execPath, '--import', 'tsx', join(root, 'adapter/main.ts')];
  const child = spawn(path, [...flags, ...adapter], {
    cwd: root,
    env: { PATH: process.env['PATH'], MODELWHISK_MODEL: JSON.stringify(row) },
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
 * Starts an image under the emulator as AWS says to ("Test your container image locally"): mounted, and the entrypoint
 * of a container, with the image's own entrypoint as its arguments.
 */
export async function startEmulatorContainer(path: string, image: string): Promise<Emulator> {
  const { Entrypoint: entrypoint, Cmd: command } = await imageConfiguration(image);
  const words = [entrypoint, command].flatMap((each) => (Array.isArray(each) ? each.map(String) : []));
  const emulator = ['--volume', `${path}:/aws-lambda-rie:ro`, '--entrypoint', '/aws-lambda-rie'];
  const { address, close } = await startStrictContainer([image, ...words], ...emulator);
  return { invoke: async (event) => invokeAt(`${address}:8080`, event), stop: close };
}

async function invokeAt(host: string, event: unknown): Promise<unknown> {
  const url = `http://${host}/2015-03-31/functions/function/invocations`;
  const reply = await whenListening(async () => fetch(url, { method: 'POST', body: JSON.stringify(event) }));
  return reply.json();
}
