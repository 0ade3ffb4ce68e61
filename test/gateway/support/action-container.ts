import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The received body of a /run. */
export interface RunBody {
  readonly value: Record<string, unknown>;
  readonly [name: string]: unknown;
}

export interface ContainerCall {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
  /** The body as it arrived. */
  readonly text: string;
}

/**
 * A real HTTP server with /init and /run. It stands for an action's container. The test chooses the answers: `answer`
 * gives the result of /run, `handle` handles the whole exchange.
 */
export interface ActionContainer {
  readonly url: URL;
  readonly calls: ContainerCall[];
  /** Bodies of the /run calls so far. */
  runs(): RunBody[];
  answer: (run: RunBody) => unknown;
  handle: ((path: string, response: ServerResponse, body: unknown) => void) | undefined;
  close(): Promise<void>;
}

export async function startActionContainer(port = 0, host = '127.0.0.1'): Promise<ActionContainer> {
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const text = await readAll(request);
    const body: unknown = JSON.parse(text);
    const path = request.url ?? '';
    container.calls.push({ path, headers: request.headers, body, text });
    if (container.handle !== undefined) container.handle(path, response, body);
    else sendJson(response, 200, path === '/init' ? {} : container.answer(body as RunBody));
  };
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  const container: ActionContainer = {
    url: new URL(`http://${host}:${(server.address() as AddressInfo).port}`),
    calls: [],
    runs: () => container.calls.filter(({ path }) => path === '/run').map(({ body }) => body as RunBody),
    answer: () => ({}),
    handle: undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return container;
}

/** Answers with a Content-Length, as an action container must. */
export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const text = JSON.stringify(value);
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) });
  response.end(text);
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
