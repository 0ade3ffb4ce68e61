import type { IncomingMessage, ServerResponse } from 'node:http';
import { failureResponse } from '../../call/failure-reply.ts';
import { headerPairs, withoutHeaders } from '../../http/headers.ts';
import { withStreamedFormInput } from '../../inputs/form-input.ts';
import { invocationResult } from '../../inputs/invocation.ts';
import type { PlatformContext, RunningPlatform } from '../platform.ts';
import { modelPath } from '../../http/request-line.ts';
import { listen } from '../_http/listen.ts';
import { proxy } from '../_http/proxy.ts';
import { readBody } from '../_http/request.ts';
import { readInvocation } from './invocation.ts';
import { keyHeader, withoutPrefix } from './request.ts';
import { type InvocationReply, runInvocation } from './run.ts';
import { type AzureSettings, readAzureSettings } from './settings.ts';

/**
 * A custom handler of Azure Functions (docs/protocols/azure.md),
 * on loopback for the Functions host that has started this process and that tells the port:
 *
 * - `GET /` tells that functions can be called, and goes on being asked;
 * - a path under the route prefix is a request that the host forwards or proxies, which goes to the model server;
 * - `POST /<FunctionName>` is the host's default way of calling a function.
 */
export async function startAzure(context: PlatformContext): Promise<RunningPlatform> {
  const handler = new CustomHandler(context, readAzureSettings(context.environment));
  return await listen(context, (incoming, outgoing) => handler.serve(incoming, outgoing), '127.0.0.1');
}

class CustomHandler {
  readonly #context: PlatformContext;
  readonly #settings: AzureSettings;

  constructor(context: PlatformContext, settings: AzureSettings) {
    this.#context = context;
    this.#settings = settings;
  }

  async serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const path = incoming.url?.replace(/\?.*$/s, '') ?? '';
    if (incoming.method === 'GET' && path === '/') return send(incoming, outgoing, 200, {});
    if (withoutPrefix(path, this.#settings.routePrefix) !== undefined) return await this.#forward(incoming, outgoing);
    const [, functionName] = /^\/([^/]+)$/.exec(path) ?? [];
    if (incoming.method === 'POST' && functionName !== undefined) {
      return await this.#invoke(functionName, incoming, outgoing);
    }
    return send(incoming, outgoing, 404, {
      message: `${incoming.method} ${path} is neither a function nor under /${this.#settings.routePrefix}`,
      hint: 'MODELWHISK_AZURE_ROUTE_PREFIX has to be the routePrefix of host.json',
    });
  }

  async #forward(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { row, fetchPolicy, configuration } = this.#context;
    const { routePrefix, timeout } = this.#settings;
    await proxy(this.#context, incoming, outgoing, {
      id: invocationId(incoming),
      end: Date.now() + timeout,
      maximumRequest,
      request: (received) => {
        const path = modelPath(withoutPrefix(received.path, routePrefix) ?? '/', received.method, row);
        return withStreamedFormInput(
          { ...received, path, headers: withoutHeaders(received.headers, [keyHeader]) },
          row,
          fetchPolicy,
          configuration.maximumBody,
        );
      },
      reply: (response) => response,
    });
  }

  async #invoke(functionName: string, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const id = invocationId(incoming);
    const { status, body } = await this.#run(incoming, id);
    // The host only tells the status of a failed invocation; the reason is looked for in the log.
    if (status !== 200) console.error(`modelwhisk: function ${functionName} failed: ${JSON.stringify(body)}`);
    send(incoming, outgoing, status, body);
  }

  async #run(incoming: IncomingMessage, id: string | undefined): Promise<InvocationReply> {
    try {
      const invocation = readInvocation(await readBody(incoming, maximumInvocation));
      return await runInvocation(invocation, id, this.#settings, this.#context);
    } catch (error) {
      const response = failureResponse(error, 0);
      return { status: response.status, body: invocationResult(response) };
    }
  }
}

/** The host's own limit (`FUNCTIONS_REQUEST_BODY_SIZE_LIMIT`). */
const maximumRequest = 104_857_600;

/** The same with base64 and JSON around it. */
const maximumInvocation = 2 * maximumRequest;

function invocationId(incoming: IncomingMessage): string | undefined {
  const [, id] =
    headerPairs(incoming.rawHeaders).find(([name]) => /^x-azure-functions-invocationid$/i.test(name)) ?? [];
  return id;
}

function send(incoming: IncomingMessage, outgoing: ServerResponse, status: number, value: unknown): void {
  incoming.resume();
  const body = Buffer.from(JSON.stringify(value));
  outgoing.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
}
