import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** The outcome of an invocation. */
export interface Outcome {
  /** "init" if the function reported that it cannot start. */
  readonly kind: 'response' | 'error' | 'init';
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Fields after the body, by lower-case name. */
  readonly trailers?: NodeJS.Dict<string>;
}

/** Called when the head of the answer has arrived. It may reply itself. */
type OnAnswer = (request: IncomingMessage, response: ServerResponse) => void;

interface Waiting {
  readonly id: string;
  readonly event: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  readonly settle: (outcome: Outcome) => void;
  readonly onAnswer: OnAnswer | undefined;
}

/**
 * Stands for the service in a Lambda sandbox that gives events to a runtime, as AWS describes it ("Using the
 * Lambda runtime API", version 2018-06-01, and "Using the Lambda Extensions API"); the emulator that AWS publishes
 * runs in rie.slow.test.ts. It refuses what Lambda refuses: an answer over 6 MB and 100 bytes, or to no open invocation.
 */
export class FakeRuntimeApi {
  readonly #queue: Waiting[] = [];
  readonly #open = new Map<string, Waiting>();
  readonly #idle: ServerResponse[] = [];
  readonly #server: Server;
  #count = 0;
  #forgetful = false;
  #onHalf: ((sendRest: () => void) => void) | undefined;
  /** Resolves when the function asks for its first event. Before that, its start would count as time of a call. */
  readonly asked: Promise<void>;
  #ask: () => void = () => undefined;
  /** Outcome of `/runtime/init/error`. */
  readonly initError: Promise<Outcome>;
  #failInit: (outcome: Outcome) => void = () => undefined;
  /** Resolves once the function says that its snapshot may be taken. */
  readonly snapshot: Promise<void>;
  /** Outcome of `/runtime/restore/error`. */
  readonly restoreError: Promise<Outcome>;
  #takeSnapshot: () => void = () => undefined;
  #failRestore: (outcome: Outcome) => void = () => undefined;
  #restoring: ServerResponse | undefined;
  readonly extensions: string[] = [];
  /** The most invocations in progress at the same time. */
  mostAtOnce = 0;

  constructor() {
    this.asked = new Promise((resolve) => {
      this.#ask = resolve;
    });
    this.initError = new Promise((resolve) => {
      this.#failInit = resolve;
    });
    this.snapshot = new Promise((resolve) => {
      this.#takeSnapshot = resolve;
    });
    this.restoreError = new Promise((resolve) => {
      this.#failRestore = resolve;
    });
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Lets the function answer an event, within this time in milliseconds. */
  invoke(
    event: unknown,
    timeLimit = 30_000,
    headers: Readonly<Record<string, string>> = {},
    onAnswer?: OnAnswer,
  ): Promise<Outcome> {
    return new Promise((settle) => {
      this.#count += 1;
      const id = `8476a536-e9f4-11e8-9739-${String(this.#count).padStart(12, '0')}`;
      const body = Buffer.isBuffer(event) ? event : Buffer.from(JSON.stringify(event));
      this.#queue.push({
        id,
        event: body,
        headers: {
          'Lambda-Runtime-Aws-Request-Id': id,
          'Lambda-Runtime-Deadline-Ms': String(Date.now() + timeLimit),
          'Lambda-Runtime-Invoked-Function-Arn': 'arn:aws:lambda:us-east-1:123456789012:function:model',
          'Lambda-Runtime-Trace-Id': 'Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1',
          ...headers,
        },
        settle,
        onAnswer,
      });
      this.#handOut();
    });
  }

  /** Ends the next invocation as soon as the function has it, so that its answer is refused. */
  forget(): void {
    this.#forgetful = true;
  }

  /** Gives the function the next event up to half of its body, and resolves then. The result sends the other half. */
  pause(): Promise<() => void> {
    return new Promise((resolve) => {
      this.#onHalf = resolve;
    });
  }

  /** Goes on with the function after the snapshot, as in a restored copy of it. */
  restore(): void {
    this.#restoring?.writeHead(200).end();
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, version, api, what, id, verb] = (request.url ?? '').split('/');
    this.#open.get(id ?? '')?.onAnswer?.(request, response);
    if (response.writableEnded || request.socket.destroyed) return;
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    await once(request, 'end');
    const body = Buffer.concat(parts);
    const route = `${request.method} ${version} ${api} ${what}`;
    const outcome = { headers: request.headers, body, trailers: request.trailers };
    if (route === 'GET 2018-06-01 runtime invocation' && id === 'next') this.#wait(response);
    else if (route === 'POST 2018-06-01 runtime invocation') this.#settle(id ?? '', verb ?? '', outcome, response);
    else if (route === 'POST 2018-06-01 runtime init') {
      this.#failInit({ kind: 'init', ...outcome });
      response.writeHead(202).end();
    } else if (route === 'GET 2018-06-01 runtime restore') {
      this.#restoring = response;
      this.#takeSnapshot();
    } else if (route === 'POST 2018-06-01 runtime restore') {
      this.#failRestore({ kind: 'init', ...outcome });
      response.writeHead(202).end();
    } else if (route === 'POST 2020-01-01 extension register') {
      this.extensions.push(String(request.headers['lambda-extension-name']));
      response.writeHead(200, { 'Lambda-Extension-Identifier': 'extension-1' }).end('{}');
    } else if (route === 'GET 2020-01-01 extension event') {
      // The function registered for no events, so none is sent.
    } else response.writeHead(404).end();
  }

  #wait(response: ServerResponse): void {
    this.#ask();
    this.#idle.push(response);
    response.on('close', () => {
      const index = this.#idle.indexOf(response);
      if (index !== -1) this.#idle.splice(index, 1);
    });
    this.#handOut();
  }

  #handOut(): void {
    const [next] = this.#queue;
    const response = this.#idle[0];
    if (next === undefined || response === undefined) return;
    this.#queue.shift();
    this.#idle.shift();
    if (this.#forgetful) next.settle({ kind: 'error', headers: {}, body: Buffer.from('given up') });
    else this.#open.set(next.id, next);
    this.#forgetful = false;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#open.size);
    response.writeHead(200, { 'Content-Type': 'application/json', ...next.headers });
    const onHalf = this.#onHalf;
    this.#onHalf = undefined;
    if (onHalf === undefined) {
      response.end(next.event);
      return;
    }
    const half = next.event.length / 2;
    response.write(next.event.subarray(0, half), () => onHalf(() => response.end(next.event.subarray(half))));
  }

  #settle(id: string, verb: string, outcome: Omit<Outcome, 'kind'>, response: ServerResponse): void {
    const invocation = this.#open.get(id);
    if (invocation === undefined || (verb !== 'response' && verb !== 'error')) {
      response.writeHead(403).end('{"errorType":"InvalidStateTransition"}');
      return;
    }
    this.#open.delete(id);
    const isStream = outcome.headers['lambda-runtime-function-response-mode'] === 'streaming';
    if (!isStream && outcome.body.length > maximumPayload) {
      const body = Buffer.from('{"errorType":"Function.ResponseSizeTooLarge"}');
      invocation.settle({ kind: 'error', headers: {}, body });
      response.writeHead(413).end('{"errorType":"RequestEntityTooLarge"}');
      return;
    }
    invocation.settle({ kind: verb, ...outcome });
    response.writeHead(202).end('{"status":"OK"}');
  }
}

const maximumPayload = 6 * 1024 * 1024 + 100;
