import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

/** The adapter in a process of its own, as in a container. */
export interface AdapterProcess {
  readonly port: number;
  readonly pid: number;
  post(path: string, body: unknown): Promise<{ status: number; headers: Headers; text: string; json: unknown }>;
  /** The reply to one `/run` with these parameters. */
  run(value: unknown, envelope?: Record<string, unknown>): Promise<Record<string, unknown>>;
  output(): { stdout: string; stderr: string };
  /** Sends a signal and resolves with the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

const sources = [process.execPath, '--import', 'tsx', join(root, 'adapter', 'main.ts')];

/**
 * Starts the adapter for this row and waits until its port answers.
 *
 * @param command program and arguments, for example Node.js and the bundle. Default: adapter/main.ts
 */
export async function startAdapter(
  row: object,
  environment: Readonly<Record<string, string>> = {},
  command: readonly string[] = sources,
): Promise<AdapterProcess> {
  const port = await freePort();
  const [program = '', ...words] = command;
  const child = spawn(program, words, {
    cwd: root,
    env: {
      PATH: process.env['PATH'],
      MODELWHISK_MODEL: JSON.stringify(row),
      MODELWHISK_PORT: String(port),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const exited = once(child, 'exit') as Promise<[number | null]>;

  const adapter: AdapterProcess = {
    port,
    pid: child.pid ?? 0,
    async post(path, body) {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', connection: 'close' },
        body: text,
      });
      const reply = await response.text();
      return { status: response.status, headers: response.headers, text: reply, json: JSON.parse(reply) as unknown };
    },
    async run(value, envelope = {}) {
      return (await adapter.post('/run', { value, ...envelope })).json as Record<string, unknown>;
    },
    output: () => output,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      return (await exited)[0];
    },
  };
  await untilListening(port, exited, output);
  return adapter;
}

async function untilListening(port: number, exited: Promise<unknown>, output: { stderr: string }): Promise<void> {
  let gone = false;
  void exited.then(() => (gone = true));
  for (;;) {
    if (gone) throw new Error(`the adapter exited: ${output.stderr}`);
    try {
      await fetch(`http://127.0.0.1:${port}/`);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
