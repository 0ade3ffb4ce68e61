import { type ClientRequest, request as httpRequest } from 'node:http';
import type { Readable } from 'node:stream';
import type { ChildProcess } from '../adapter/adapter-process.ts';

/** A platform that streams replies, with the adapter. */
export interface StreamPlatform {
  readonly name: string;
  /** Whether requests stream as well, and may be long. */
  readonly streamsRequests: boolean;
  /** Whether the body of a request may be still arriving when the call begins. */
  readonly sendsBodies: boolean;
  /** Whether the platform sends its time limit with each call. */
  readonly limitsEachCall: boolean;
  start(row: object, environment: Readonly<Record<string, string>>): Promise<StreamClient>;
}

export interface StreamClient {
  readonly adapter: Pick<ChildProcess, 'pid' | 'output'>;
  /** Calls a route. Resolves after the head of the reply. */
  open(target: string, options?: OpenOptions): Promise<OpenReply>;
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Time limit of the call in milliseconds, if the platform sends it with each call. */
  readonly timeLimit?: number;
  /** Sends the body. Default: no body. */
  readonly send?: (outgoing: ClientRequest) => void;
}

/** A reply that is still arriving. It is read from the start. */
export class OpenReply {
  readonly status: number;
  /** The chunks that arrived, with their times. */
  readonly chunks: { readonly text: string; readonly at: number }[] = [];
  bytes = 0;
  /** How the reply ended for its reader. */
  readonly ended: Promise<'whole' | 'broken'>;
  readonly body: Readable;
  /** Header fields after the body. Complete after its end. */
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
      // On Lambda, trailers report a failure.
      body.once('end', () => resolve(errorTrailer in trailers() ? 'broken' : 'whole'));
      body.once('error', () => resolve('broken'));
    });
  }

  get text(): string {
    return this.chunks.map(({ text }) => text).join('');
  }

  /** Disconnects the reader. */
  leave(): void {
    this.body.destroy();
  }
}

const errorTrailer = 'lambda-runtime-function-error-type';

/** Calls over HTTP on a new connection. */
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

/**
 * Sends a part so many times, no faster than it is taken, and ends the request.
 *
 * @param onSent told how many were sent so far
 */
export function sendParts(
  outgoing: ClientRequest,
  part: Buffer,
  count: number,
  onSent: (sent: number) => void = () => undefined,
): void {
  let sent = 0;
  const more = (): void => {
    while (sent < count) {
      sent += 1;
      onSent(sent);
      if (!outgoing.write(part)) {
        outgoing.once('drain', more);
        return;
      }
    }
    outgoing.end();
  };
  more();
}
