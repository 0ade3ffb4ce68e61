import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { CallerError, operatorMessage } from '../../errors.ts';
import type { PlatformContext, RunningPlatform } from '../platform.ts';
import { readParts } from '../../http/read-stream.ts';
import { bytesOf, type SerializedJson } from '../../json/embedded-bytes.ts';
import { readEnvironment } from './activation.ts';
import { run } from './run.ts';

/**
 * OpenWhisk's action interface: `/init` and `/run` on one port (docs/protocols/openwhisk.md).
 * Every reply has a Content-Length. The invoker ignores chunked and compressed replies.
 */
export async function startOpenWhisk(context: PlatformContext): Promise<RunningPlatform> {
  const interfaces = new ActionInterface(context);
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 0 }, (request, response) => {
    interfaces.serve(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  const connections = new Set<Socket>();
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  server.listen(context.configuration.port, context.configuration.address);
  await once(server, 'listening');
  return {
    close: async () => {
      interfaces.isClosing = true;
      server.close();
      server.closeIdleConnections();
      // It misses connections before their first request.
      for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
      await once(server, 'close');
    },
  };
}

class ActionInterface {
  /** Whether each reply closes its connection. */
  isClosing = false;
  readonly #context: PlatformContext;
  #initialized = false;

  constructor(context: PlatformContext) {
    this.#context = context;
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = `${request.method} ${request.url?.split('?')[0]}`;
    switch (route) {
      case 'POST /init':
        return this.#init(await readBody(request), response);
      case 'POST /run':
        return this.#run(await readBody(request), response);
      default:
        request.resume();
        return this.#reply(response, 404, {
          error: `${route} is not part of the action interface; expected POST /init or /run`,
        });
    }
  }

  async #init(body: readonly Buffer[], response: ServerResponse): Promise<void> {
    if (this.#initialized) {
      const error = 'Cannot initialize the action more than once.';
      console.error(error);
      return this.#reply(response, 403, { error });
    }
    try {
      if (this.#context.startFailure !== undefined) throw this.#context.startFailure;
      const environment = readEnvironment(body);
      // The adapter itself needs the object store's settings and credentials, to fetch s3:// inputs.
      const store = Object.entries(environment).filter(([name]) => name.startsWith('AWS_'));
      Object.assign(this.#context.environment, Object.fromEntries(store));
      await this.#context.traces?.configure(environment);
      await this.#context.model.configure(environment);
    } catch (error) {
      console.error(operatorMessage(error));
      endOfActivation();
      return this.#reply(response, error instanceof CallerError ? 400 : 502, { error: operatorMessage(error) });
    }
    this.#initialized = true;
    return this.#reply(response, 200, { ok: true });
  }

  async #run(body: readonly Buffer[], response: ServerResponse): Promise<void> {
    let line = '';
    let result: SerializedJson;
    try {
      result = await run(body, this.#context, performance.now(), (text) => (line = text));
    } finally {
      // Without its markers, the log collector would assign the next activation's lines to this one.
      endOfActivation(line);
    }
    this.#send(response, 200, result);
  }

  #reply(response: ServerResponse, status: number, value: unknown): void {
    this.#send(response, status, JSON.stringify(value));
  }

  #send(response: ServerResponse, status: number, body: SerializedJson): void {
    if (this.isClosing) response.shouldKeepAlive = false;
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytesOf(body) }).end(body);
  }
}

/**
 * Writes the line that marks the end of an activation for the platform's log collector, on both streams.
 *
 * @param line the call's log line, written before it
 */
function endOfActivation(line = ''): void {
  process.stdout.write(`${line}${marker}`);
  process.stderr.write(marker);
}

const marker = 'XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX\n';

async function readBody(request: IncomingMessage): Promise<readonly Buffer[]> {
  return (await readParts(request)) ?? [];
}
