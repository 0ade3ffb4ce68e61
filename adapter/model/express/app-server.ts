import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { RequestHandler } from './request-handler.ts';

/** An app as node:http's server has it, with the classes of its messages. It listens nowhere. */
export interface AppServer {
  readonly server: Server;
  readonly Request: new (socket: Socket) => IncomingMessage;
  readonly Response: new (request: IncomingMessage) => ServerResponse;
}

/**
 * Makes ready to call an app. One of Express gets its messages with the prototypes that Express would give them.
 *
 * Express changes the prototype of each request to `app.request` and of each response to `app.response`. On Node.js 20
 * each property that is set after that costs a new hidden class: 20 µs for a message, and no garbage collection of the
 * young finds what became of it. So there are classes that inherit from both, and that the app has in their place: when
 * Express looks, nothing is left to change.
 */
export function createAppServer(handler: RequestHandler): AppServer {
  // Time limits are the deadline's business, and timers go stale when a platform freezes the container.
  const limits = { keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 };
  const server = handler instanceof Server ? handler : createServer(limits, handler);
  const [app] = server.listeners('request');
  if (!isExpressApp(app)) return { server, Request: IncomingMessage, Response: ServerResponse };
  class Request extends IncomingMessage {}
  class Response extends ServerResponse {}
  app.request = inheriting(Request.prototype, app.request);
  app.response = inheriting(Response.prototype, app.response);
  return { server, Request, Response };
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

/** The prototype of a class, with all that this one has, and nothing of its own. */
function inheriting<Prototype extends object>(own: Prototype, from: Prototype): Prototype {
  Reflect.deleteProperty(own, 'constructor');
  Object.setPrototypeOf(own, from);
  return own;
}
