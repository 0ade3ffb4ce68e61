import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { bundleAdapter } from '../image/layers/bundle.ts';
import { parseRow } from '../image/catalogue/catalogue.ts';
import type { ContainerConfig } from '../image/container-config.ts';
import { wrapConfig } from '../image/engines/wrap-config.ts';
import { freePort } from '../test/support/free-port.ts';
import { Connection } from './client.ts';
import { cacheFolder } from './peers.ts';

const names = [
  'app', 'direct', 'floor', 'front', 'http-server', 'launcher', 'serverless-express', 'serverless-http', 'supertest',
] as const; // prettier-ignore

export type ProgramName = (typeof names)[number];

/** Paths of the bench's programs in JavaScript, and of the adapter as in an image. */
export interface Programs {
  readonly adapter: string;
  path(name: ProgramName): string;
}

/** Compiles the programs into a folder beside the installed peers, where their imports resolve. */
export async function compilePrograms(): Promise<Programs> {
  const folder = join(cacheFolder, 'programs');
  await rm(folder, { recursive: true, force: true });
  await build({
    entryPoints: names.map((name) => join(import.meta.dirname, 'programs', `${name}.ts`)),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'warning',
  });
  for (const { path, bytes } of (await bundleAdapter()).files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
  return {
    adapter: join(folder, 'modelwhisk', 'adapter', 'main.cjs'),
    path: (name) => join(folder, `${name}.mjs`),
  };
}

export interface Program {
  readonly argv: readonly [string, ...string[]];
  readonly environment: Readonly<Record<string, string>>;
}

/** The command that runs a JavaScript file with the bench's Node. */
export function nodeProgram(file: string, environment: Readonly<Record<string, string>> = {}): Program {
  return { argv: [process.execPath, file], environment };
}

/** The command that runs the adapter for a model server, with the environment of its image. */
export function adapterProgram(programs: Programs, server: object, base: ContainerConfig = {}): Program {
  const predict = {
    method: 'POST',
    path: '/model/predict',
    input: { kind: 'file', field: 'image', filename: 'image.png', contentType: 'image/png' },
  };
  const row = parseRow({ name: 'bench', title: 'Bench', image: 'me/bench', server, predict }, 'bench');
  const { Env, Entrypoint } = wrapConfig({ name: row.image, digest: undefined, config: base }, row);
  const flags = (Entrypoint ?? []).filter((word) => /^--(?!library-path)/.test(word));
  const environment = Object.fromEntries((Env ?? []).map((variable) => variable.split(/=(.*)/s).slice(0, 2)));
  const argv = [process.execPath, ...flags, programs.adapter] as const;
  return { argv, environment: { MODELWHISK_PLATFORM: 'openwhisk', ...environment } };
}

/** The row's `server` for the bench's app. */
export function expressServer(programs: Programs): object {
  return { kind: 'express', module: programs.path('app'), export: 'app' };
}

/** The command that runs the adapter with the bench's http model server on a free port. */
export async function httpServerProgram(programs: Programs): Promise<Program> {
  const server = { kind: 'http', port: await freePort() };
  return adapterProgram(programs, server, { Entrypoint: [process.execPath, programs.path('http-server')] });
}

/** A running program. */
export interface Running {
  readonly port: number;
  readonly pid: number;
  /** Milliseconds from the start of the process to its first answer. */
  readonly startTime: number;
  readonly stop: () => Promise<void>;
}

/**
 * Starts a program on a free port and waits for its answer to `firstRequest`. Its output goes to a file, because
 * reading a pipe would use CPU time during the measurement.
 *
 * @param chosen the port, for a program that has it in its arguments
 */
export async function startProgram(program: Program, firstRequest: Buffer, chosen?: number): Promise<Running> {
  const port = chosen ?? (await freePort());
  const began = performance.now();
  const { child, stop } = await spawnProgram(program, { PORT: String(port), MODELWHISK_PORT: String(port) });
  try {
    await firstAnswer(child, port, firstRequest);
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`${basename(program.argv.at(-1) ?? '')} does not answer`, { cause: error });
  }
  return { port, pid: child.pid ?? 0, startTime: performance.now() - began, stop };
}

/** Starts a program. Its output goes to a file. */
export async function spawnProgram(
  { argv, environment }: Program,
  variables: Readonly<Record<string, string>>,
): Promise<{ readonly child: ChildProcess; readonly stop: () => Promise<void> }> {
  const [file, ...args] = argv;
  const log = await open(join(cacheFolder, 'output.log'), 'a');
  const child = spawn(file, args, {
    stdio: ['ignore', log.fd, log.fd],
    env: { PATH: process.env['PATH'], ...variables, ...environment },
  });
  running.add(child);
  const exited = once(child, 'exit').finally(() => running.delete(child));
  await log.close();
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exited;
  };
  return { child, stop };
}

/** A bench that is ended in the middle leaves no program behind. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

async function firstAnswer(child: ChildProcess, port: number, request: Buffer): Promise<void> {
  for (;;) {
    const connection = new Connection(port);
    try {
      await connection.exchange(request);
      return;
    } catch (error) {
      if (child.exitCode !== null || !(error instanceof Error && 'code' in error)) throw error;
      if (error.code !== 'ECONNREFUSED') throw error;
      await sleep(1);
    } finally {
      connection.close();
    }
  }
}

/** Resident set of a process in bytes (Linux, /proc). */
export async function residentSet(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}
