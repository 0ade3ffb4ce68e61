import { createServer, IncomingMessage, Server, type ServerOptions, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { pretendToListen } from './listening.ts';
import type { RequestHandler } from './request-handler.ts';

/** An app in a node:http server that does not listen, with the classes of its messages. */
export interface AppServer {
  readonly server: Server;
  readonly Request: new (socket: Socket) => IncomingMessage;
  readonly Response: new (request: IncomingMessage, options?: ServerOptions) => ServerResponse;
}

/**
 * Prepares an app for calls. The messages for an Express app get Express's prototypes from the start.
 *
 * Express changes the prototype of each request to `app.request` and of each response to `app.response`. On Node.js 20
 * each property set after that costs a new hidden class: 20 µs per message, and memory that only a full garbage
 * collection frees. So `app.request` and `app.response` become the prototypes of new classes that inherit from
 * Express's. Express then has nothing to change.
 */
export function createAppServer(handler: RequestHandler): AppServer {
  // Deadlines limit the time of calls. The server's timers would also count the time of a frozen container.
  const limits = { keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 };
  const server = handler instanceof Server ? handler : createServer(limits, handler);
  if (!server.listening) pretendToListen(server, { address: '::', family: 'IPv6', port: 80 });
  const [app] = server.listeners('request');
  const OwnRequest = ownClass(server, IncomingMessage);
  const OwnResponse = withUniqueHeaders(server, ownClass(server, ServerResponse));
  if (!isExpressApp(app)) return { server, Request: OwnRequest, Response: OwnResponse };
  class Request extends OwnRequest {}
  class Response extends OwnResponse {}
  app.request = inheriting(Request.prototype, app.request);
  app.response = inheriting(Response.prototype, app.response);
  return { server, Request, Response };
}

/** The class that createServer was told to use in place of this one. Node.js keeps it under a symbol of that name. */
function ownClass<Class extends typeof IncomingMessage | typeof ServerResponse>(
  server: Server,
  original: Class,
): Class {
  const key = symbolOf(server, original.name);
  return (key === undefined ? undefined : (Reflect.get(server, key) as Class | undefined)) ?? original;
}

/** A class whose responses join the values of createServer's `uniqueHeaders`. Node.js gives each response the server's. */
function withUniqueHeaders(server: Server, Response: AppServer['Response']): AppServer['Response'] {
  const key = symbolOf(server, 'kUniqueHeaders');
  const names: unknown = key === undefined ? undefined : Reflect.get(server, key);
  if (key === undefined || !names) return Response;
  class JoiningResponse extends Response {}
  Object.assign(JoiningResponse.prototype, { [key]: names });
  return JoiningResponse;
}

function symbolOf(server: Server, description: string): symbol | undefined {
  return Object.getOwnPropertySymbols(server).find((symbol) => symbol.description === description);
}

interface ExpressApp {
  request: IncomingMessage;
  response: ServerResponse;
}

function isExpressApp(app: unknown): app is ExpressApp {
  if (typeof app !== 'function') return false;
  const { request, response } = app as Partial<ExpressApp>;
  return request instanceof IncomingMessage && response instanceof ServerResponse;
}

/** Lets the prototype `own` inherit from `from` and removes its own constructor. */
function inheriting<Prototype extends object>(own: Prototype, from: Prototype): Prototype {
  Reflect.deleteProperty(own, 'constructor');
  Object.setPrototypeOf(own, from);
  return own;
}
