import { type ClientRequest, request as httpRequest } from 'node:http';
import type { Readable } from 'node:stream';
import type { ChildProcess } from '../adapter/adapter-process.ts';

/** A platform that passes replies on as they come, with the adapter behind it. */
export interface StreamPlatform {
  readonly name: string;
  /** Whether requests arrive as they are sent, too. */
  readonly streamsRequests: boolean;
  /** Whether the platform says in each call how long it waits. */
  readonly limitsEachCall: boolean;
  start(row: object, environment: Readonly<Record<string, string>>): Promise<StreamClient>;
}

export interface StreamClient {
  readonly adapter: Pick<ChildProcess, 'pid' | 'output'>;
  /** Calls a route; resolves once the head of the reply is there. */
  open(target: string, options?: OpenOptions): Promise<OpenReply>;
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds that the platform gives the call, where it says so in each call. */
  readonly timeLimit?: number;
  /** Sends the body; without it there is none. */
  readonly send?: (outgoing: ClientRequest) => void;
}

/** A reply that is still arriving. It is read from the start on. */
export class OpenReply {
  readonly status: number;
  /** What arrived, chunk by chunk, with the time of each. */
  readonly chunks: { readonly text: string; readonly at: number }[] = [];
  bytes = 0;
  /** How the reply ended for its reader. */
  readonly ended: Promise<'whole' | 'broken'>;
  readonly body: Readable;
  /** Fields after the body; complete once it has ended. */
  readonly trailers: () => NodeJS.Dict<string>;

  constructor(status: number, body: Readable, trailers: () => NodeJS.Dict<string>) {
    this.status = status;
    this.body = body;
    this.trailers = trailers;
    body.on('data', (chunk: Buffer) => {
      this.bytes += chunk.length;
      if (chunk.length < 10_000) this.chunks.push({ text: chunk.toString(), at: Date.now() });
    });
    this.ended = new Promise((resolve) => {
      // Lambda is told of a failure by trailers.
      body.once('end', () => resolve(errorTrailer in trailers() ? 'broken' : 'whole'));
      body.once('error', () => resolve('broken'));
    });
  }

  get text(): string {
    return this.chunks.map(({ text }) => text).join('');
  }

  /** The reader goes away. */
  leave(): void {
    this.body.destroy();
  }
}

const errorTrailer = 'lambda-runtime-function-error-type';

/** Calls over HTTP, on a connection of its own. */
export function openHttp(port: number, target: string, options: OpenOptions = {}): Promise<OpenReply> {
  const { method = 'GET', headers = {}, send } = options;
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({ host: '127.0.0.1', port, path: target, method, headers, agent: false });
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      resolve(new OpenReply(incoming.statusCode ?? 0, incoming, () => incoming.trailers));
    });
    if (send === undefined) outgoing.end();
    else send(outgoing);
  });
}
