import { AsyncLocalStorage } from 'node:async_hooks';
import { messageOf } from '../../core/errors.ts';
import type { CallSignal, ModelRequest, ModelResponse } from '../http/message.ts';
import { onAbort, unlessAborted } from './abort.ts';
import { CallerError, ModelServerError } from '../errors.ts';
import { type AppServer, createAppServer } from './express/app-server.ts';
import { type AppModule, loadApp } from './express/load-app.ts';
import type { ReplyReader } from './express/reply-reader.ts';
import { callInMemory, type InMemoryCall } from './express/transport.ts';
import type { ModelServer } from './model-server.ts';
import { atOuterAddress } from './outer-address.ts';

/**
 * An Express app (or any node:http request listener) in this process, called through supertest without HTTP.
 * It starts to load immediately; `ready()` resolves when it is loaded.
 */
export function createExpressModelServer(module: AppModule): ModelServer {
  return new ExpressModelServer(module);
}

class ExpressModelServer implements ModelServer {
  readonly #loading: Promise<AppServer>;
  #server: AppServer | undefined;
  readonly #inProgress = new Set<ReplyReader>();
  /** The call that code of the app runs for. */
  readonly #context = new AsyncLocalStorage<{ reader: ReplyReader | undefined }>();
  /** Whether calls are told apart: since there was more than one at a time, as each promise takes longer then. */
  #tracesCalls = false;
  /** Listeners to uncaught exceptions that are not the app's. */
  readonly #listenersBefore = new Set<unknown>(process.listeners('uncaughtException'));

  constructor(module: AppModule) {
    this.#loading = this.#load(module);
    this.#loading.catch(() => undefined); // ready() and handle() report it.
    // An unhandled rejection becomes an uncaught exception unless the app listens to it, or Node.js is told otherwise.
    process.on('uncaughtException', this.#crashed);
  }

  async ready(): Promise<void> {
    await this.#loading;
  }

  async handle(request: ModelRequest): Promise<ModelResponse> {
    const { signal, webSocket } = request;
    if (webSocket === true) throw noWebSockets();
    const server =
      this.#server ?? (await unlessAborted(signal, 'the model server was not ready in time', this.#loading));
    if (signal.aborted) throw givenUp();
    const { reply, reader } = this.#call(server, request);
    if (!reader.isSettled) this.#follow(reader, signal);
    return request.outer === undefined ? reply : atOuterAddress(await reply, request, undefined);
  }

  configure(environment: Readonly<Record<string, string>>): Promise<void> {
    Object.assign(process.env, environment);
    return Promise.resolve();
  }

  close(): Promise<void> {
    process.off('uncaughtException', this.#crashed);
    this.#endCalls(new ModelServerError('MODEL_CRASHED', 'the model server is shutting down'));
    return Promise.resolve();
  }

  async #load(module: AppModule): Promise<AppServer> {
    this.#server = createAppServer(await loadApp(module));
    return this.#server;
  }

  #call(server: AppServer, request: ModelRequest): InMemoryCall {
    this.#tracesCalls ||= this.#inProgress.size > 0;
    if (!this.#tracesCalls) return callInMemory(server, request);
    const context: { reader: ReplyReader | undefined } = { reader: undefined };
    const call = this.#context.run(context, () => callInMemory(server, request));
    context.reader = call.reader;
    return call;
  }

  /** Lets the caller's signal and a crash of the app end the call, until the reply is complete. */
  #follow(reader: ReplyReader, signal: CallSignal): void {
    let forget: (() => void) | undefined;
    this.#inProgress.add(reader);
    reader.onSettled = () => {
      this.#inProgress.delete(reader);
      forget?.();
    };
    forget = onAbort(signal, () => reader.fail(givenUp()));
  }

  /**
   * An error outside a handler fails the call whose code threw it. If that is not known, all running calls fail. The app
   * keeps running. An app with a listener to such errors decides itself, as in a process of its own: the call may still
   * be answered.
   */
  readonly #crashed = (cause: unknown): void => {
    if (this.#appListens()) return;
    console.error(cause);
    // The error may contain another caller's data, so it is only in `output`.
    const options = { cause, output: messageOf(cause) };
    const error = new ModelServerError('MODEL_CRASHED', 'the model server failed', options);
    const call = this.#context.getStore();
    if (call === undefined) this.#endCalls(error);
    else if (call.reader !== undefined && this.#inProgress.has(call.reader)) call.reader.fail(error);
  };

  #appListens(): boolean {
    const listeners: unknown[] = process.listeners('uncaughtException');
    return listeners.some((each) => each !== this.#crashed && !this.#listenersBefore.has(each));
  }

  #endCalls(error: ModelServerError): void {
    for (const reader of this.#inProgress) reader.fail(error);
  }
}

function noWebSockets(): CallerError {
  const message = 'the request opens a WebSocket, and the model is an app without connections of its own';
  const hint = 'run the app as a server of its own: a row with a server of kind "http" and the command that starts it';
  return new CallerError(501, 'HTTP_REQUEST', message, { hint });
}

function givenUp(): ModelServerError {
  return new ModelServerError('MODEL_TIMEOUT', 'the model server did not answer in time');
}
