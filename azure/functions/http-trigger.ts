import { type IncomingMessage, request as requestOf, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { sendJson, urlOf } from '../http.ts';
import type { FunctionApp } from './app.ts';
import { type HttpFunction, matches } from './app-function.ts';
import type { Connections } from './connections.ts';
import { type Handler, invocationHeaders } from './handler.ts';
import { connectionInfo } from './signalr-output.ts';

/**
 * Answers a request for a function: the handler gets it as it came, and the host itself tells clients where SignalR is.
 * Resolves to false if no function has its route. Rejects if the handler does not answer.
 */
export async function answerHttpTrigger(
  request: IncomingMessage,
  response: ServerResponse,
  { app, connections, handler }: { app: FunctionApp; connections: Connections; handler: Handler },
): Promise<boolean> {
  const found = functionFor(app, request);
  switch (found?.kind) {
    case 'http':
      await forward(request, response, await handler.port());
      return true;
    case 'negotiate':
      sendJson(response, await connectionInfo(connections.signalR(found.signalR.setting), found.signalR.hub));
      return true;
    case undefined:
      return false;
  }
}

function functionFor({ functions, routePrefix }: FunctionApp, request: IncomingMessage): HttpFunction | undefined {
  const { pathname } = urlOf(request);
  const start = routePrefix === '' ? '/' : `/${routePrefix}/`;
  if (!pathname.startsWith(start)) return undefined;
  return functions
    .filter((each) => each.kind !== 'queue')
    .find((each) => matches(each, request.method ?? 'GET', pathname.slice(start.length)));
}

async function forward(request: IncomingMessage, response: ServerResponse, port: number): Promise<void> {
  const { method, url: path, headers } = request;
  const toHandler = requestOf({
    host: '127.0.0.1',
    port,
    method,
    path,
    headers: { ...headers, ...invocationHeaders() },
  });
  const replied = new Promise<IncomingMessage>((resolve, reject) => {
    toHandler.once('response', resolve);
    toHandler.once('error', reject);
  });
  request.pipe(toHandler);
  request.once('close', () => request.complete || toHandler.destroy());
  const reply = await replied;
  response.writeHead(reply.statusCode ?? 502, reply.rawHeaders);
  await pipeline(reply, response);
}
