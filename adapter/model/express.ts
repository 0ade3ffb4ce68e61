import type { EventEmitter } from 'node:events';
import {
  Agent,
  createServer,
  type ClientRequest,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http';
import { resolve } from 'node:path';
import type { Duplex } from 'node:stream';
import { pathToFileURL } from 'node:url';
import supertest from 'supertest';
import { messageOf } from '../../core/errors.ts';
import { ModelServerError } from '../errors.ts';
import { connectionPair } from './connection.ts';
import { onAbort, unlessAborted } from './abort.ts';
import { wholeRequest } from '../http/body.ts';
import type { ModelRequest, ModelResponse, WholeRequest } from '../http/message.ts';
import type { ModelServer } from './model-server.ts';
import { keepTail } from './output.ts';
import { collectReply } from './reply.ts';

export interface ExpressOptions {
  /** Path of the module, absolute or relative to the working directory. */
  readonly module: string;
  /** Name under which the module exports the app (or a promise of it); "default" for the default export. */
  readonly export: string;
  /** Largest reply body in bytes. Default: 32 MiB. */
  readonly maximumReply?: number;
}

/**
 * An Express app (or any node:http request listener) in this process, called through supertest over a connection
 * that never leaves memory. Starts loading at once; `ready()` tells when it is done.
 */
export function createExpressModelServer(options: ExpressOptions): ModelServer {
  return new ExpressModelServer(options);
}

class ExpressModelServer implements ModelServer {
  readonly #server: Promise<Server>;
  readonly #agent = new InMemoryAgent({ keepAlive: true });
  readonly #calls = new Set<Call>();
  readonly #maximumReply: number;

  constructor(options: ExpressOptions) {
    this.#maximumReply = options.maximumReply ?? 32 * 1024 * 1024;
    this.#server = this.#start(options);
    this.#server.catch(() => undefined); // Reported by ready() and handle(), whoever asks first.
    process.on('uncaughtException', this.#crashed);
    process.on('unhandledRejection', this.#crashed);
  }

  async ready(): Promise<void> {
    await this.#server;
  }

  async handle(request: ModelRequest): Promise<ModelResponse> {
    if (this.#agent.server === undefined) {
      await unlessAborted(request.signal, 'the model server was not ready in time', this.#server);
    }
    const call = new Call(await wholeRequest(request), this.#agent, this.#maximumReply);
    this.#calls.add(call);
    const forget = onAbort(request.signal, () =>
      call.fail(new ModelServerError('MODEL_TIMEOUT', 'the model server did not answer in time')),
    );
    try {
      return await call.reply;
    } finally {
      this.#calls.delete(call);
      forget();
    }
  }

  configure(environment: Readonly<Record<string, string>>): Promise<void> {
    Object.assign(process.env, environment);
    return Promise.resolve();
  }

  async close(): Promise<void> {
    process.off('uncaughtException', this.#crashed);
    process.off('unhandledRejection', this.#crashed);
    this.#agent.destroy();
    const server = await this.#server.catch(() => undefined);
    server?.closeAllConnections();
  }

  async #start(options: ExpressOptions): Promise<Server> {
    const app = await loadApp(options);
    // Time limits are the deadline's business, and timers go stale when a platform freezes the container.
    this.#agent.server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 }, app);
    return this.#agent.server;
  }

  /** An error outside any handler cannot be laid at one call's door: all in progress fail, the app lives on. */
  readonly #crashed = (cause: unknown): void => {
    console.error(cause);
    const error = new ModelServerError('MODEL_CRASHED', `the model server failed: ${messageOf(cause)}`, { cause });
    for (const call of this.#calls) call.fail(error);
  };
}

/** Connects to a server in this process through memory instead of a socket. */
class InMemoryAgent extends Agent {
  server: Server | undefined;

  override createConnection(): Duplex {
    const [client, server] = connectionPair();
    this.server?.emit('connection', server);
    return client;
  }
}

async function loadApp(options: ExpressOptions): Promise<RequestListener> {
  const output = keepTail();
  try {
    const loaded = (await import(pathToFileURL(resolve(options.module)).href)) as Record<string, unknown>;
    // A CommonJS module's exports may stand under "default" only.
    const whole = loaded['default'] as Record<string, unknown> | undefined;
    const app: unknown = await (loaded[options.export] ?? whole?.[options.export]);
    if (typeof app === 'function') return app as RequestListener;
    const names = Object.keys(loaded).join(', ') || 'nothing';
    throw new Error(`${options.module} exports no app named ${JSON.stringify(options.export)} (it exports ${names})`);
  } catch (cause) {
    const message = ['the model server failed to start: ' + messageOf(cause), ...output.lines()].join('\n');
    throw new ModelServerError('MODEL_START', message, { cause });
  } finally {
    output.stop();
  }
}

const model = supertest('http://model');

/** One call of the app. supertest sends the request; the reply is taken as it arrives at node:http. */
class Call {
  readonly reply: Promise<ModelResponse>;
  #reject: (error: ModelServerError) => void = () => undefined;
  #failure: ModelServerError | undefined;
  readonly #outgoing: ClientRequest;

  constructor(request: WholeRequest, agent: Agent, limit: number) {
    const call = model.get('/').agent(agent).unset('accept-encoding').parse(untilClosed);
    call.method = request.method;
    // Public in superagent, though missing from its types.
    this.#outgoing = (call as unknown as { request(): ClientRequest }).request();
    prepare(this.#outgoing, request);
    this.reply = new Promise((fulfil, reject) => {
      this.#reject = reject;
      const receive = (incoming: IncomingMessage): void => {
        // superagent undoes the content encodings it sees here; the reply has to stay as the model sent it.
        delete incoming.headers['content-encoding'];
        fulfil(collectReply(incoming, limit).catch(this.#explain));
      };
      this.#outgoing.once('response', receive);
      // Without a listener for it, a reply of status 101 would end in nothing.
      this.#outgoing.once('upgrade', receive);
    });
    if (request.body.length > 0) call.serialize(inOnePiece).send(request.body);
    call.end((cause: unknown) => {
      if (!cause) return;
      const message = `the model server closed the connection: ${messageOf(cause)}`;
      this.#reject(new ModelServerError('MODEL_CRASHED', message, { cause }));
    });
  }

  /** A reply that breaks off because the call was ended fails for that reason. */
  readonly #explain = (error: unknown): never => {
    throw this.#failure ?? error;
  };

  /** Ends the call, wherever it is. */
  fail(error: ModelServerError): void {
    this.#failure = error;
    this.#reject(error);
    this.#outgoing.destroy();
  }
}

/** superagent's part in a reply: it waits for the end, and hears of errors on the way. */
function untilClosed(response: EventEmitter, done: (error: Error | null, body: unknown) => void): void {
  response.once('close', () => done(null, undefined));
}

/** superagent sends a Buffer in pieces of 16 KB through two streams, and any other array of bytes as it is. */
function inOnePiece(body: unknown): string {
  const { buffer, byteOffset, byteLength } = body as Uint8Array;
  // Its types know text only.
  return new Uint8Array(buffer, byteOffset, byteLength) as unknown as string;
}

/** Puts path and headers on the request as they are; superagent would normalise the one and merge the other. */
function prepare(outgoing: ClientRequest, request: ModelRequest): void {
  outgoing.path = request.query === '' ? request.path : `${request.path}?${request.query}`;
  const values = new Map<string, string[]>();
  for (const [name, value] of request.headers) {
    const earlier = values.get(name.toLowerCase());
    if (earlier === undefined) values.set(name.toLowerCase(), [value]);
    else earlier.push(value);
  }
  for (const [name, [first = '', ...more]] of values) {
    outgoing.setHeader(name, more.length === 0 ? first : [first, ...more]);
  }
}
