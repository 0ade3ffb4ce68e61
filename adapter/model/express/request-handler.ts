import { Server, type RequestListener } from 'node:http';

/** What requests are handed to: node:http's server, or a function that takes them as that server hands them over. */
export type RequestHandler = Server | RequestListener;

/**
 * What an exported value handles requests with, whatever framework made it; undefined for a value that handles none.
 *
 * An Express app is a function that takes requests, as are those of Connect and Polka. Koa, Fastify, hapi and Restify have
 * objects, each with its own way to such a function or to its server. A function with fewer than two parameters cannot
 * take a request and its reply, so it is a factory: it is called once, without arguments, and what it returns counts.
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
  // Koa.
  if (hasMethod(value, 'callback') && hasMethod(value, 'use')) return value.callback() as RequestListener;
  // Fastify.
  if (hasMethod(value, 'ready') && hasMethod(value, 'routing')) {
    await value.ready();
    return (request, response) => void value.routing(request, response);
  }
  // hapi, whose server is its `listener`, and Restify, whose server is its `server`.
  if (hasMethod(value, 'initialize')) await value.initialize();
  for (const name of ['listener', 'server']) {
    const server: unknown = Reflect.get(value, name);
    if (server instanceof Server) return server;
  }
  // Polka, and what is like Connect.
  for (const name of ['handler', 'handle']) {
    if (hasMethod(value, name)) return (request, response) => void value[name]?.(request, response);
  }
  return undefined;
}

/** Whether it answers a web-standard Request, as Hono's apps do, and not what node:http's server hands over. */
export function isFetchHandler(value: unknown): boolean {
  return typeof value === 'object' && value !== null && hasMethod(value, 'fetch');
}

function hasMethod<Name extends string>(
  value: object,
  name: Name,
): value is Record<Name, (...parameters: unknown[]) => unknown> {
  return typeof Reflect.get(value, name) === 'function';
}
