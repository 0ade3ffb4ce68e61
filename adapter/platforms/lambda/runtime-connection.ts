import { Agent, type ClientRequest, request, type IncomingHttpHeaders, type RequestOptions } from 'node:http';
import { urlToHttpOptions } from 'node:url';
import { codeOf, ModelwhiskError } from '../../../core/errors.ts';
import { joined } from '../../../core/http/parts.ts';
import { readParts } from '../../http/read-stream.ts';

/** Lambda refused a call of the Runtime API. */
export class RuntimeApiError extends ModelwhiskError {
  override readonly name = 'RuntimeApiError';
  /** HTTP status of the refusal. */
  readonly status: number;

  /** @param what the refused call, for the message */
  constructor(what: string, { status, body }: RuntimeReply) {
    super('RUNTIME_API', `the Runtime API answered ${status} to the ${what}: ${body.toString().slice(0, 200)}`);
    this.status = status;
  }
}

export interface RuntimeReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The body of a request: the bytes, or a function that writes them and ends the request. */
export type RequestBody = Buffer | ((outgoing: ClientRequest) => Promise<void>);

/** Kept connections to the Runtime API. Calls reject with the connection's error if it fails. */
export class RuntimeConnection {
  readonly #host: RequestOptions;
  readonly #stopping: AbortSignal | undefined;
  /** Requests for an event, until it comes. */
  readonly #waiting = new Set<ClientRequest>();
  // No timeouts, because Lambda freezes the container while it waits for the next event, possibly for hours.
  #agent = new Agent({ keepAlive: true });
  readonly #newConnection = new Agent();

  /**
   * @param runtimeApi host and port
   * @param stopping aborted when no more events are wanted
   */
  constructor(runtimeApi: string, stopping?: AbortSignal) {
    // Only what is needed, because Node.js copies the options three times for each request.
    const { hostname, port } = urlToHttpOptions(new URL(`http://${runtimeApi}`));
    this.#host = { hostname, port };
    this.#stopping = stopping;
    // One listener for all requests: Node.js needs 20 µs to give each of them the signal.
    stopping?.addEventListener('abort', () => {
      for (const outgoing of this.#waiting) outgoing.destroy();
    });
  }

  /** Asks for an event and waits for it. Resolves with undefined when no more are wanted. */
  async wait(path: string): Promise<RuntimeReply | undefined> {
    if (this.#isStopping) return undefined;
    try {
      return await this.#exchange('GET', path, {}, undefined, this.#agent, (outgoing) => this.#waiting.add(outgoing));
    } catch (error) {
      if (this.#isStopping) return undefined;
      throw error;
    }
  }

  /** Sends one request, and reads its reply as a whole. */
  async call(method: string, path: string, headers: Record<string, string>, body?: RequestBody): Promise<RuntimeReply> {
    let sent: ClientRequest | undefined;
    try {
      return await this.#exchange(method, path, headers, body, this.#agent, (outgoing) => (sent = outgoing));
    } catch (error) {
      // Emulators, such as those in Node.js, close a connection that is idle for seconds, which may be at this moment.
      const isStale = sent?.reusedSocket === true && /^(ECONNRESET|EPIPE)$/.test(codeOf(error) ?? '');
      if (!isStale || typeof body === 'function') throw error;
      return this.#exchange(method, path, headers, body, this.#newConnection);
    }
  }

  #exchange(
    method: string,
    path: string,
    headers: Record<string, string>,
    body: RequestBody | undefined,
    agent: Agent,
    onRequest?: (outgoing: ClientRequest) => void,
  ): Promise<RuntimeReply> {
    return new Promise((resolve, reject) => {
      const options = { ...this.#host, path: `/2018-06-01/runtime${path}`, method, headers, agent };
      const outgoing = request(options, (incoming) => {
        this.#waiting.delete(outgoing);
        // An answer may be refused before it is sent to its end. Nobody reads the rest.
        incoming.once('end', () => incoming.statusCode === 202 || outgoing.writableEnded || outgoing.destroy());
        readParts(incoming).then(
          (parts = []) => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: joined(parts) }),
          reject,
        );
      });
      outgoing.on('error', (error) => {
        this.#waiting.delete(outgoing);
        reject(error);
      });
      onRequest?.(outgoing);
      if (typeof body !== 'function') outgoing.end(body);
      else body(outgoing).catch((error: unknown) => outgoing.destroy(error as Error));
    });
  }

  /** Closes the connections. The next call opens new ones. */
  renew(): void {
    this.close();
    this.#agent = new Agent({ keepAlive: true });
  }

  close(): void {
    this.#agent.destroy();
  }

  get #isStopping(): boolean {
    return this.#stopping?.aborted === true;
  }
}
