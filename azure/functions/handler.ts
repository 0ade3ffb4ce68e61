import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { request } from 'undici';
import { messageOf, ModelwhiskError } from '../../core/errors.ts';
import { type JsonObject, parseObject } from '../json.ts';
import { listen } from '../listen.ts';
import type { FunctionApp } from './app.ts';

/** Milliseconds that a handler has for its start, as in the Functions host. */
const startLimit = 60_000;

export interface HandlerOptions extends Pick<FunctionApp, 'handler' | 'settings'> {
  /** What the process gets besides the app's settings. */
  readonly environment: Readonly<Record<string, string>>;
  /** Called with every line that it writes. */
  readonly onLine: (line: string) => void;
  /** Aborted when the user interrupts, which reaches the process, too: it is not started again then. */
  readonly signal: AbortSignal;
}

/** What a function gave back. */
export interface InvocationReply {
  readonly status: number;
  readonly json: JsonObject;
}

/** The app's custom handler: a process that is called on a port of this machine. It is started again if it ends. */
export class Handler {
  readonly #options: HandlerOptions;
  readonly #port: number;
  readonly #stopping = new AbortController();
  #ended: Promise<string> = Promise.resolve('');
  #ready: Promise<void>;

  private constructor(options: HandlerOptions, port: number) {
    this.#options = options;
    this.#port = port;
    this.#ready = this.#run();
  }

  /** Starts the process. Rejects with ModelwhiskError `AZURE_HANDLER` if it does not answer. */
  static async start(options: HandlerOptions): Promise<Handler> {
    const handler = new Handler(options, await freePort());
    try {
      await handler.#ready;
    } catch (error) {
      await handler.stop();
      throw error;
    }
    void handler.#watch();
    return handler;
  }

  /** Where it listens. Resolves when it answers; rejects with ModelwhiskError if it does not. */
  async port(): Promise<number> {
    await this.#ready;
    return this.#port;
  }

  /** Calls a function that no HTTP request has started. Rejects if the handler does not answer. */
  async invoke(name: string, data: JsonObject, metadata: JsonObject): Promise<InvocationReply> {
    const { statusCode, body } = await request(`http://127.0.0.1:${await this.port()}/${name}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json; charset=utf-8', ...invocationHeaders() },
      body: JSON.stringify({ Data: data, Metadata: metadata }),
    });
    return { status: statusCode, json: parseObject(await body.text()) };
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  /** Starts the process once. Resolves when it answers. */
  async #run(): Promise<void> {
    const { handler, settings, environment, onLine } = this.#options;
    const child = execa(handler.executable, handler.arguments, {
      cwd: handler.folder,
      env: { ...environment, ...settings, FUNCTIONS_CUSTOMHANDLER_PORT: String(this.#port) },
      extendEnv: false,
      stdin: 'ignore',
      buffer: false,
      reject: false,
      cancelSignal: this.#stopping.signal,
    });
    for (const output of [child.stdout, child.stderr]) createInterface(output).on('line', onLine);
    this.#ended = child.then(({ shortMessage = 'its exit code is 0' }) => shortMessage);
    const waiting = new AbortController();
    const given = AbortSignal.any([waiting.signal, this.#stopping.signal, this.#options.signal]);
    try {
      await Promise.race([answers(this.#port, given), this.#ended.then(refuse)]);
    } finally {
      waiting.abort();
    }
  }

  /** Starts the process again whenever it ends, after a second. */
  async #watch(): Promise<void> {
    const signal = AbortSignal.any([this.#stopping.signal, this.#options.signal]);
    for (;;) {
      const reason = await this.#ended;
      if (signal.aborted) return;
      this.#options.onLine(`the custom handler has ended (${reason}); it is started again`);
      this.#ready = delay(1000, undefined, { signal }).then(async () => this.#run());
      await this.#ready.catch(() => undefined);
    }
  }
}

/** Headers of every call of the Functions host, see docs/protocols/azure.md. */
export function invocationHeaders(): Record<string, string> {
  return { 'X-Azure-Functions-HostVersion': '4.1036.2', 'X-Azure-Functions-InvocationId': randomUUID() };
}

function refuse(reason: string): never {
  throw new ModelwhiskError('AZURE_HANDLER', `the custom handler of the function app has ended: ${reason}`, {
    hint: 'its command is in host.json, or in local.settings.json as AzureFunctionsJobHost__customHandler__…',
  });
}

/** Any reply means that the handler is ready. Rejects if `signal` is aborted first. */
async function answers(port: number, signal: AbortSignal): Promise<void> {
  const deadline = AbortSignal.timeout(startLimit);
  const either = AbortSignal.any([signal, deadline]);
  for (;;) {
    try {
      const { body } = await request(`http://127.0.0.1:${port}/`, { signal: either });
      await body.dump();
      return;
    } catch (error) {
      if (deadline.aborted) refuse(`it did not answer within ${startLimit / 1000} s: ${messageOf(error)}`);
      await delay(50, undefined, { signal });
    }
  }
}

async function freePort(): Promise<number> {
  const { url, close } = await listen(createServer(), 0, '127.0.0.1');
  await close();
  return Number(new URL(url).port);
}
