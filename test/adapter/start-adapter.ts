import { freePort } from '../support/free-port.ts';
import { type ChildProcess, spawnAdapter } from './adapter-process.ts';

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

/**
 * Starts the adapter for this row and waits until its port answers.
 *
 * @param command program and arguments, for example Node.js and the bundle. Default: adapter/main.ts
 */
export async function startAdapter(
  row: object,
  environment: Readonly<Record<string, string>> = {},
  command?: readonly string[],
): Promise<AdapterProcess> {
  const port = await freePort();
  const child = spawnAdapter(row, { MODELWHISK_PORT: String(port), ...environment }, command);

  const adapter: AdapterProcess = {
    port,
    pid: child.pid,
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
    output: () => child.output(),
    stop: (signal) => child.stop(signal),
  };
  await untilListening(port, child);
  return adapter;
}

/** Resolves once something listens on the port, and rejects with the adapter's output when it has exited instead. */
export async function untilListening(port: number, child: ChildProcess): Promise<void> {
  let gone = false;
  void child.exited.then(() => (gone = true));
  for (;;) {
    if (gone) throw new Error(`the adapter exited: ${child.output().stderr}`);
    try {
      await fetch(`http://127.0.0.1:${port}/`);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
