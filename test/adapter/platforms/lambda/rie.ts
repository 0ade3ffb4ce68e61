import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../../support/free-port.ts';

const root = join(import.meta.dirname, '../../../..');
const folder = join(root, '.cache/lambda');
const program = join(folder, 'aws-lambda-rie');

/** AWS's Runtime Interface Emulator with the adapter as its function. */
export interface Emulator {
  invoke(event: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

/** Path of the emulator, built from AWS's Go module; undefined, with a line that says why, where it cannot be had. */
export function emulatorProgram(): string | undefined {
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
  return {
    async invoke(event) {
      const url = `http://127.0.0.1:${port}/2015-03-31/functions/function/invocations`;
      const body = JSON.stringify(event);
      for (;;) {
        try {
          return await (await fetch(url, { method: 'POST', body })).json();
        } catch (error) {
          if (child.exitCode !== null || !isRefused(error)) throw error;
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      }
    },
    async stop() {
      child.kill();
      await exited;
    },
  };
}

function isRefused(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED';
}
