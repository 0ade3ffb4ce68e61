import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { messageOf } from '../../../core/errors.ts';
import { ModelServerError } from '../../errors.ts';
import { type Listening, takeListening } from './listening.ts';
import { keepTail } from './output.ts';
import { isFetchHandler, requestHandler, type RequestHandler } from './request-handler.ts';

export interface AppModule {
  /** Path of the module, absolute or relative to the working directory. */
  readonly module: string;
  /** Name of the export that is the app, a promise of it, or a factory. "default" for the default export. */
  readonly export: string;
}

/**
 * Loads an Express app or another request handler (see requestHandler). If the module exports nothing of the kind, it is
 * the first server whose `listen` the module calls.
 *
 * @throws ModelServerError MODEL_START with the last lines of the module's output
 */
export async function loadApp(options: AppModule): Promise<RequestHandler> {
  const output = keepTail();
  const listening = takeListening();
  let app: RequestHandler | undefined;
  try {
    const loaded = (await import(pathToFileURL(resolve(options.module)).href)) as Exports;
    app = (await exportedHandler(loaded, options, listening)) ?? (await listeningServer(loaded, options, listening));
    // The app may have set time limits and listeners on its server.
    return listening.serverOf(app) ?? app;
  } catch (cause) {
    const message = `the model server failed to start: ${messageOf(cause)}`;
    throw new ModelServerError('MODEL_START', message, { cause, output: output.lines().join('\n') });
  } finally {
    listening.stop(app);
    output.stop();
  }
}

type Exports = Readonly<Record<string, unknown>>;

async function exportedHandler(loaded: Exports, { module, export: name }: AppModule, listening: Listening) {
  const exported: unknown = await findExport(loaded, name);
  if (exported === undefined) return undefined;
  const handler = await requestHandler(exported);
  if (handler !== undefined) return handler;
  // Such as an app of NestJS that listens, or a function that makes one listen and returns nothing.
  const [server] = listening.servers;
  if (server !== undefined) return server;
  const what = `${module} exports something else than an app as ${JSON.stringify(name)}`;
  if (isFetchHandler(exported)) {
    throw new Error(
      `${what}: it answers fetch requests. Export what getRequestListener of @hono/node-server makes of it, ` +
        'or have it listen and describe it as an http model server',
    );
  }
  throw new Error(
    `${what}: expected a function (request, response), an http.Server, an app of Express, Koa or Fastify, or a function that returns one of these`,
  );
}

/** The exports of a CommonJS module are under "default". Some compilers nest two of them. */
function findExport(loaded: Exports, name: string): unknown {
  const whole = loaded['default'];
  const inner = isExports(whole) ? (whole[name] ?? undefined) : undefined;
  const found = loaded[name] ?? inner;
  // "app" is the default name in rows, so the module itself may be the app.
  return found ?? (name === 'app' ? defaultExport(whole) : undefined);
}

function defaultExport(whole: unknown): unknown {
  const inner = isExports(whole) ? whole['default'] : undefined;
  const value = inner ?? whole;
  // A plain object holds the named exports of a CommonJS module, so it is not an app.
  const isPlain = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  return isEmptyObject(value) || isPlain ? undefined : value;
}

function isExports(value: unknown): value is Exports {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** The server of a module without exports. It may call `listen` only after it has loaded its model. */
async function listeningServer(loaded: Exports, { module, export: name }: AppModule, listening: Listening) {
  const names = namesOf(loaded);
  const server = await Promise.race([listening.first, sleep(names.length === 0 ? patience : 0)]);
  if (server !== undefined) return server;
  const exports = names.join(', ') || 'nothing';
  throw new Error(`${module} exports no app named ${JSON.stringify(name)} (it exports ${exports}), and none listens`);
}

/** Milliseconds within which a module without exports must call `listen`. */
const patience = 60_000;

function namesOf({ default: whole, ...named }: Exports): string[] {
  const inner = isExports(whole) ? Object.keys(whole) : [];
  const isApp = whole !== undefined && !isEmptyObject(whole) && inner.length === 0;
  const names = new Set([...Object.keys(named), ...inner, ...(isApp ? ['default'] : [])]);
  return [...names].filter((name) => !commonJs.has(name));
}

/** Names that Node.js and compilers give to the exports of each CommonJS module. */
const commonJs: ReadonlySet<string> = new Set(['__esModule', 'module.exports']);

/** What a CommonJS module without exports has. */
function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
