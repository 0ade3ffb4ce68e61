import { Server, type RequestListener } from 'node:http';
import { messageOf } from '../../../core/errors.ts';

/** Handles requests: a node:http server or request listener. */
export type RequestHandler = Server | RequestListener;

/**
 * The request handler of an exported value, of any framework. Undefined if it has none.
 *
 * An app of Express or Connect is a request listener. Koa, Fastify, hapi, Restify and Polka have objects with a method
 * or property for one. A function with fewer than two parameters cannot take a request and a response, so it is a
 * factory: it is called once without arguments, and its result is used.
 */
export async function requestHandler(value: unknown): Promise<RequestHandler | undefined> {
  if (typeof value !== 'function') return objectHandler(value);
  if (value.length >= 2 || hasMethod(value, 'handle')) return value as RequestListener;
  const made: unknown = await (value as () => unknown)();
  return typeof made === 'function' ? (made as RequestListener) : objectHandler(made);
}

async function objectHandler(value: unknown): Promise<RequestHandler | undefined> {
  if (value instanceof Server) return value;
  if (typeof value !== 'object' || value === null) return undefined;
  // Koa. Its `listen` calls `callback` as well, and the server is recognised by the listener (see takeListening).
  if (hasMethod(value, 'callback') && hasMethod(value, 'use')) {
    const listener = value.callback() as RequestListener;
    value.callback = () => listener;
    return listener;
  }
  // Fastify and hapi.
  const isFastify = hasMethod(value, 'ready') && hasMethod(value, 'routing');
  if (isFastify) await value.ready();
  if (hasMethod(value, 'initialize')) await initialize(value);
  // hapi has its server as `listener`, Fastify and Restify as `server`.
  for (const name of ['listener', 'server']) {
    const server: unknown = Reflect.get(value, name);
    if (server instanceof Server) return server;
  }
  // Fastify with a server of another kind.
  if (isFastify) return (request, response) => void value.routing(request, response);
  // Polka and frameworks like Connect.
  for (const name of ['handler', 'handle']) {
    if (hasMethod(value, name)) return (request, response) => void value[name]?.(request, response);
  }
  return undefined;
}

/** Initializes an app of hapi, unless the module has done so or has started it. */
async function initialize(app: { initialize(): unknown }): Promise<void> {
  try {
    await app.initialize();
  } catch (error) {
    if (!/^Cannot initialize server while it is in \w+ phase$/.test(messageOf(error))) throw error;
  }
}

/** Whether the value handles web-standard Requests, like an app of Hono, instead of node:http's. */
export function isFetchHandler(value: unknown): boolean {
  return typeof value === 'object' && value !== null && hasMethod(value, 'fetch');
}

function hasMethod<Name extends string>(
  value: object,
  name: Name,
): value is Record<Name, (...parameters: unknown[]) => unknown> {
  return typeof Reflect.get(value, name) === 'function';
}
