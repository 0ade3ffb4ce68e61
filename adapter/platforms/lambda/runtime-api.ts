import type { Writable } from 'node:stream';
import { Agent, type ClientRequest, request, type IncomingHttpHeaders, type RequestOptions } from 'node:http';
import { urlToHttpOptions } from 'node:url';
import { ModelwhiskError } from '../../../core/errors.ts';
import { joined } from '../../../core/http/parts.ts';
import { readParts } from '../../http/body.ts';
import type { FunctionError } from './function-error.ts';

/** One event with Lambda's information about it. */
export interface LambdaInvocation {
  readonly id: string;
  /** Epoch milliseconds. Undefined if Lambda gave no deadline. */
  readonly deadline: number | undefined;
  /** Value for `X-Amzn-Trace-Id`. */
  readonly traceId: string | undefined;
  readonly event: Buffer;
  /** ARN by which the function was invoked, with the version or alias. */
  readonly functionArn?: string | undefined;
  /** The tenant, of a function that isolates tenants. */
  readonly tenantId?: string | undefined;
  /** JSON of AWS's mobile SDKs. */
  readonly clientContext?: string | undefined;
  /** JSON of the caller's Cognito identity. */
  readonly identity?: string | undefined;
}

/** Lambda refused a call of the Runtime API. */
export class RuntimeApiError extends ModelwhiskError {
  override readonly name = 'RuntimeApiError';
  /** HTTP status of the refusal. */
  readonly status: number;

  constructor(status: number, message: string) {
    super('RUNTIME_API', message);
    this.status = status;
  }
}

/**
 * Client of Lambda's Runtime API, version 2018-06-01 (AWS Lambda developer guide, "Using the Lambda runtime API").
 * Rejects with RuntimeApiError if Lambda refuses, and with the connection's error if it fails.
 */
export class RuntimeApi {
  readonly #host: RequestOptions;
  readonly #stopping: AbortSignal | undefined;
  /** Requests for an event, until it comes. */
  readonly #waiting = new Set<ClientRequest>();
  // No timeouts, because Lambda freezes the container while it waits for the next event, possibly for hours.
  #agent = new Agent({ keepAlive: true });

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

  /** Waits for an event. Resolves with undefined when no more are wanted. */
  async next(): Promise<LambdaInvocation | undefined> {
    if (this.#stopping?.aborted === true) return undefined;
    const reply = await this.#call('GET', '/invocation/next', {}, (outgoing) => {
      this.#waiting.add(outgoing);
      outgoing.end();
      return undefined;
    }).catch((error: unknown) => {
      if (this.#stopping?.aborted === true) return undefined;
      throw error;
    });
    if (reply === undefined) return undefined;
    const { status, headers, body } = reply;
    const id = text(headers, 'lambda-runtime-aws-request-id');
    if (status !== 200 || id === undefined) throw refusal('next event', status, body);
    const deadline = Number(text(headers, 'lambda-runtime-deadline-ms') ?? Number.NaN);
    return {
      id,
      deadline: Number.isFinite(deadline) ? deadline : undefined,
      traceId: text(headers, 'lambda-runtime-trace-id'),
      event: body,
      functionArn: text(headers, 'lambda-runtime-invoked-function-arn'),
      tenantId: text(headers, 'lambda-runtime-aws-tenant-id'),
      clientContext: text(headers, 'lambda-runtime-client-context'),
      identity: text(headers, 'lambda-runtime-cognito-identity'),
    };
  }

  /** Answers an event with JSON. */
  async respond(id: string, body: Buffer): Promise<void> {
    await this.#post(`/invocation/${id}/response`, json, end(body));
  }

  /**
   * Answers an event with a stream of this content type, for the invoke mode RESPONSE_STREAM.
   *
   * @param write writes the answer; if it fails, resolves with the error, which is sent in trailers
   */
  async respondStreaming(
    id: string,
    contentType: string,
    write: (outgoing: Writable) => Promise<FunctionError | undefined>,
  ): Promise<void> {
    const headers = {
      'content-type': contentType,
      'lambda-runtime-function-response-mode': 'streaming',
      'transfer-encoding': 'chunked',
      trailer: 'Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body',
    };
    await this.#post(`/invocation/${id}/response`, headers, async (outgoing) => {
      const error = await write(outgoing);
      if (error !== undefined) outgoing.addTrailers(errorTrailers(error));
      outgoing.end();
    });
  }

  /** Reports a failed invocation. */
  async fail(id: string, error: FunctionError): Promise<void> {
    await this.#postError(`/invocation/${id}/error`, error);
  }

  /** Reports that the function cannot start. The process must exit then. */
  async failInit(error: FunctionError): Promise<void> {
    await this.#postError('/init/error', error);
  }

  /** Says that the snapshot of SnapStart may be taken, and waits until this process is restored from it. */
  async waitForRestore(): Promise<void> {
    const { status, body } = await this.#call('GET', '/restore/next', {}, end());
    if (status !== 200) throw refusal('restore', status, body);
    this.#agent.destroy();
    this.#agent = new Agent({ keepAlive: true });
  }

  /** Reports that the function cannot go on after a restore. The process must then exit. */
  async failRestore(error: FunctionError): Promise<void> {
    await this.#postError('/restore/error', error);
  }

  close(): void {
    this.#agent.destroy();
  }

  async #postError(path: string, error: FunctionError): Promise<void> {
    const headers = { ...json, 'lambda-runtime-function-error-type': errorTypeHeader(error.errorType) };
    await this.#post(path, headers, end(Buffer.from(JSON.stringify(error))));
  }

  async #post(path: string, headers: Record<string, string>, send: Send): Promise<void> {
    const reply = await this.#call('POST', path, headers, send);
    if (reply.status !== 202) throw refusal(path.slice(path.lastIndexOf('/') + 1), reply.status, reply.body);
  }

  #call(
    method: string,
    path: string,
    headers: Record<string, string>,
    send: Send,
  ): Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }> {
    return new Promise((resolve, reject) => {
      const options = { ...this.#host, path: `/2018-06-01/runtime${path}`, method, headers, agent: this.#agent };
      const outgoing = request(options, (incoming) => {
        this.#waiting.delete(outgoing);
        readParts(incoming).then(
          (parts = []) => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: joined(parts) }),
          reject,
        );
      });
      outgoing.on('error', (error) => {
        this.#waiting.delete(outgoing);
        reject(error);
      });
      send(outgoing)?.catch((error: unknown) => outgoing.destroy(error as Error));
    });
  }
}

/** Sends the body of a request and ends it. */
type Send = (outgoing: ClientRequest) => Promise<void> | undefined;

function end(body?: Buffer): Send {
  return (outgoing) => {
    outgoing.end(body);
    return undefined;
  };
}

/** Trailers for a failure after the start of a reply ("Using the Lambda runtime API", response streaming). */
function errorTrailers(error: FunctionError): Record<string, string> {
  return {
    'Lambda-Runtime-Function-Error-Type': errorTypeHeader(error.errorType),
    'Lambda-Runtime-Function-Error-Body': Buffer.from(JSON.stringify(error)).toString('base64'),
  };
}

const json = { 'content-type': 'application/json' };

/** The header allows only letters in names, so MODEL_TIMEOUT becomes Function.ModelTimeout. */
function errorTypeHeader(code: string): string {
  const words = code.toLowerCase().split('_');
  return `Function.${words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('')}`;
}

function text(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

function refusal(what: string, status: number, body: Buffer): RuntimeApiError {
  const said = body.toString().slice(0, 200);
  return new RuntimeApiError(status, `the Runtime API answered ${status} to the ${what}: ${said}`);
}
