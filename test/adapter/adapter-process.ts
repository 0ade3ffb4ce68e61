import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { bundledAdapter, bundledModule } from './bundled.ts';

const root = join(import.meta.dirname, '../..');

/** The adapter in its own process, as in a container. */
export interface ChildProcess {
  readonly pid: number;
  output(): { stdout: string; stderr: string };
  /** Reads no more of its output, until resumeReading. */
  pauseReading(): void;
  resumeReading(): void;
  /** Closes its output, as a collector of logs that ends. */
  stopReading(): void;
  /** Resolves with the exit code, or null after a signal, once its output is there. */
  readonly exited: Promise<number | null>;
  /** Sends a signal and resolves with the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** How the process is started, where that matters. */
export interface SpawnOptions {
  /** Who it runs as; only root can name another. */
  readonly uid?: number;
  readonly gid?: number;
  /** Working directory. Default: the root of this repository. */
  readonly cwd?: string;
  /** Flags of Node.js. Default: none. */
  readonly flags?: readonly string[];
  /** Arguments of the container, behind the command line of the adapter. Default: none. */
  readonly words?: readonly string[];
  /** Path of the adapter's main module. Default: the bundle. */
  readonly main?: string;
}

/**
 * Starts the adapter's bundle for a row and does not wait. The environment determines the platform.
 *
 * @param row its Express app may be a TypeScript module
 */
export async function spawnAdapter(
  row: object,
  environment: Readonly<Record<string, string>>,
  { flags = [], words: given = [], main, ...user }: SpawnOptions = {},
): Promise<ChildProcess> {
  const [program = '', ...words] = await adapterCommand(row, main);
  const child = spawn(program, [...flags, ...words, ...given], {
    cwd: root,
    env: { PATH: process.env['PATH'], MODELWHISK_MODEL: JSON.stringify(await loadable(row)), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...user,
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const closed = once(child, 'close');
  const exited = once(child, 'exit').then(async ([code]: (number | null)[]) => {
    // Its last output may arrive later. A process that it has left behind may keep the pipes open.
    await Promise.race([closed, sleep(1000, undefined, { ref: false })]);
    return code ?? null;
  });
  return {
    pid: child.pid ?? 0,
    output: () => output,
    pauseReading: () => {
      child.stdout.pause();
      child.stderr.pause();
    },
    resumeReading: () => {
      child.stdout.resume();
      child.stderr.resume();
    },
    stopReading: () => {
      child.stdout.destroy();
      child.stderr.destroy();
    },
    exited,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      return exited;
    },
  };
}

/**
 * Starts the adapter and waits until it listens.
 *
 * @param environment of the adapter, for the free port that is chosen for it
 */
export async function startListening(
  row: object,
  environment: (port: string) => Readonly<Record<string, string>>,
  options: SpawnOptions = {},
): Promise<{ readonly port: number; readonly adapter: ChildProcess }> {
  const port = await freePort();
  const adapter = await spawnAdapter(row, environment(String(port)), options);
  let ended = false;
  void adapter.exited.then(() => (ended = true));
  await eventually(`the adapter listens on port ${port}`, async () => ended || accepts(port), Boolean, 60);
  if (ended) throw new Error(`the adapter exited: ${adapter.output().stderr}`);
  return { port, adapter };
}

/** Stops the adapter when the test has ended that started it. */
export async function forThisTest<Started extends { readonly adapter: ChildProcess }>(
  starting: Promise<Started>,
): Promise<Started> {
  const started = await starting;
  onTestFinished(async () => void (await started.adapter.stop()));
  return started;
}

/** The command line that runs the adapter for a row. */
export async function adapterCommand(row: object, main?: string): Promise<readonly string[]> {
  const loader = isTypeScript(moduleOf(row)) && !isOfTests(moduleOf(row)) ? ['--import', 'tsx'] : [];
  return [process.execPath, ...loader, main ?? (await bundledAdapter())];
}

/** The row with the tests' Express app bundled for Node.js. An example's app stays, because it reads its own files. */
export async function loadable(row: object): Promise<object> {
  const module = moduleOf(row);
  if (!isTypeScript(module) || !isOfTests(module)) return row;
  return { ...row, server: { ...(row as ExpressRow).server, module: await bundledModule(module) } };
}

interface ExpressRow {
  readonly server?: { readonly module?: string };
}

function moduleOf(row: object): string {
  return (row as ExpressRow).server?.module ?? '';
}

function isTypeScript(module: string): boolean {
  return module.endsWith('.ts');
}

function isOfTests(module: string): boolean {
  return relative(root, module).startsWith('test');
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => socket.destroy());
    socket.once('close', (failed) => resolve(!failed));
    socket.once('error', () => undefined);
  });
}
