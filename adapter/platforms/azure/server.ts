import type { IncomingMessage, ServerResponse } from 'node:http';
import { failureResponse } from '../../call/failure-reply.ts';
import { headerPairs, headerValue } from '../../http/headers.ts';
import { invocationResult } from '../../inputs/invocation.ts';
import type { PlatformContext, RunningPlatform } from '../platform.ts';
import { modelPath } from '../../http/request-line.ts';
import { listen } from '../_http/listen.ts';
import { proxy } from '../_http/proxy.ts';
import { readBody } from '../_http/request.ts';
import { takeDelivery } from '../_push/delivery.ts';
import { isInvocation, readInvocation } from './invocation.ts';
import { appAddress, withoutKey, withoutPrefix } from './request.ts';
import { type InvocationReply, runInvocation } from './run.ts';
import { type AzureSettings, readAzureSettings } from './settings.ts';

/**
 * A custom handler of Azure Functions (docs/protocols/azure.md). It listens on loopback, for the Functions host that
 * has started this process:
 *
 * - `GET /` answers the host's repeated check that functions can be called;
 * - a path under the route prefix is a request that the host forwards; it goes to the model server;
 * - `POST /<FunctionName>` is the host's default call of a function.
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
    if (this.#isPing(incoming, path)) return send(incoming, outgoing, 200, {});
    const isUnderPrefix = withoutPrefix(path, this.#settings.routePrefix) !== undefined;
    const functionName = incoming.method === 'POST' ? /^\/([^/]+)$/.exec(path)?.[1] : undefined;
    if (functionName === undefined || (isUnderPrefix && this.#settings.routePrefix !== '')) {
      return isUnderPrefix ? await this.#forward(incoming, outgoing) : this.#refuse(incoming, outgoing, path);
    }
    if (!isUnderPrefix) return await this.#invoke(functionName, incoming, outgoing, readInvoked(incoming));
    // Without a prefix, a function's name may also be the path of a request. The body decides.
    if (!isOfHost(incoming)) return await this.#forward(incoming, outgoing);
    const read = readInvoked(incoming);
    const body = await read.catch(() => undefined);
    if (body !== undefined && !isInvocation(body)) return await this.#forward(incoming, outgoing, body);
    return await this.#invoke(functionName, incoming, outgoing, read);
  }

  /** With an empty prefix, "/" is also a route. The host's own check has no headers of a client. */
  #isPing({ method, headers }: IncomingMessage, path: string): boolean {
    if (method !== 'GET' || path !== '/') return false;
    return (
      this.#settings.routePrefix !== '' || (headers['user-agent'] === undefined && headers[idHeader] === undefined)
    );
  }

  #refuse(incoming: IncomingMessage, outgoing: ServerResponse, path: string): void {
    return send(incoming, outgoing, 404, {
      message: `${incoming.method} ${path} is neither a function nor under /${this.#settings.routePrefix}`,
      hint: 'MODELWHISK_AZURE_ROUTE_PREFIX has to be the routePrefix of host.json',
    });
  }

  /** @param body of the request, if it was read already */
  async #forward(incoming: IncomingMessage, outgoing: ServerResponse, body?: Buffer): Promise<void> {
    const { row } = this.#context;
    const { routePrefix, timeout } = this.#settings;
    const delivery = takeDelivery(this.#context);
    await proxy(this.#context, incoming, outgoing, {
      id: invocationId(incoming),
      end: Date.now() + timeout,
      maximumRequest,
      ...(body && { body }),
      request: (received) => {
        const path = modelPath(withoutPrefix(received.path, routePrefix) ?? '/', received.method, row);
        const { host } = incoming.headers;
        const outer = isOwnHost(incoming)
          ? undefined
          : appAddress(received.headers, 'http', host, received.path, routePrefix);
        return delivery.request(withoutKey({ ...received, path, outer }));
      },
      reply: delivery.reply,
    });
  }

  async #invoke(
    functionName: string,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    payload: Promise<Buffer>,
  ): Promise<void> {
    const { status, body } = await this.#run(functionName, invocationId(incoming), payload);
    // The host reports only the status of a failed invocation, so the reason goes into the log.
    if (status !== 200) console.error(`modelwhisk: function ${functionName} failed: ${JSON.stringify(body)}`);
    send(incoming, outgoing, status, body);
  }

  async #run(functionName: string, id: string | undefined, payload: Promise<Buffer>): Promise<InvocationReply> {
    try {
      return await runInvocation(readInvocation(await payload, functionName), id, this.#settings, this.#context);
    } catch (error) {
      const response = failureResponse(error, 0);
      return { status: response.status, body: invocationResult(response) };
    }
  }
}

function readInvoked(incoming: IncomingMessage): Promise<Buffer> {
  return readBody(incoming, maximumInvocation);
}

/**
 * Whether the host may have made this request itself. A client's request has the host's outer name
 * (DefaultHttpWorkerService).
 */
function isOfHost(incoming: IncomingMessage): boolean {
  const { headers } = incoming;
  return isOwnHost(incoming) && /^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '');
}

function isOwnHost({ headers, socket }: IncomingMessage): boolean {
  return headers.host === `127.0.0.1:${socket.localPort}`;
}

/** The host's own limit (`FUNCTIONS_REQUEST_BODY_SIZE_LIMIT`). */
const maximumRequest = 104_857_600;

/** `maximumRequest` with room for base64 and JSON. */
const maximumInvocation = 2 * maximumRequest;

const idHeader = 'x-azure-functions-invocationid';

function invocationId(incoming: IncomingMessage): string | undefined {
  return headerValue(headerPairs(incoming.rawHeaders), idHeader);
}

function send(incoming: IncomingMessage, outgoing: ServerResponse, status: number, value: unknown): void {
  incoming.resume();
  const body = Buffer.from(JSON.stringify(value));
  outgoing.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
}
