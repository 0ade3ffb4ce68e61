import type { IncomingHttpHeaders } from 'node:http';
import type { Writable } from 'node:stream';
import { errorHeaders, errorTrailers, type FunctionError } from './function-error.ts';
import { type RequestBody, RuntimeApiError, RuntimeConnection } from './runtime-connection.ts';

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

/**
 * Client of Lambda's Runtime API, version 2018-06-01 (AWS Lambda developer guide, "Using the Lambda runtime API").
 * Rejects with RuntimeApiError if Lambda refuses, and with the connection's error if it fails.
 */
export class RuntimeApi {
  readonly #connection: RuntimeConnection;

  /**
   * @param runtimeApi host and port
   * @param stopping aborted when no more events are wanted
   */
  constructor(runtimeApi: string, stopping?: AbortSignal) {
    this.#connection = new RuntimeConnection(runtimeApi, stopping);
  }

  /** Waits for an event. Resolves with undefined when no more are wanted. */
  async next(): Promise<LambdaInvocation | undefined> {
    const reply = await this.#connection.wait('/invocation/next');
    if (reply === undefined) return undefined;
    const { status, headers, body } = reply;
    const id = text(headers, 'lambda-runtime-aws-request-id');
    if (status !== 200 || id === undefined) throw new RuntimeApiError('next event', reply);
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
    await this.#post(`/invocation/${id}/response`, json, body);
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
    const reply = await this.#connection.call('GET', '/restore/next', {});
    if (reply.status !== 200) throw new RuntimeApiError('restore', reply);
    this.#connection.renew();
  }

  /** Reports that the function cannot go on after a restore. The process must then exit. */
  async failRestore(error: FunctionError): Promise<void> {
    await this.#postError('/restore/error', error);
  }

  close(): void {
    this.#connection.close();
  }

  async #postError(path: string, error: FunctionError): Promise<void> {
    await this.#post(path, { ...json, ...errorHeaders(error) }, Buffer.from(JSON.stringify(error)));
  }

  async #post(path: string, headers: Record<string, string>, body: RequestBody): Promise<void> {
    const reply = await this.#connection.call('POST', path, headers, body);
    if (reply.status !== 202) throw new RuntimeApiError(path.slice(path.lastIndexOf('/') + 1), reply);
  }
}

const json = { 'content-type': 'application/json' };

function text(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}
