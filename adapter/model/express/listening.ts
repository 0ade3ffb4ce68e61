import { Server } from 'node:http';
import { isIP, isIPv6, Server as NetServer, type AddressInfo } from 'node:net';
import type { RequestHandler } from './request-handler.ts';

/** The HTTP servers whose `listen` was called. */
export interface Listening {
  /** Resolves with the first server. */
  readonly first: Promise<Server>;
  /** In the order of their calls. */
  readonly servers: readonly Server[];
  /** The server among them that has this handler as its listener of requests. */
  serverOf(handler: RequestHandler): Server | undefined;
  /**
   * Restores `listen`, except for servers of this handler: many apps listen only once their database is connected.
   * Undefined means for every server.
   */
  stop(handler: RequestHandler | undefined): void;
}

/**
 * Replaces `listen` of HTTP servers: a server emits "listening" but opens no port. The adapter calls the app without a
 * port, and the app's port is often the adapter's own.
 */
export function takeListening(): Listening {
  let found: ((server: Server) => void) | undefined;
  let app: RequestHandler | undefined;
  const servers: Server[] = [];
  const first = new Promise<Server>((resolve) => (found = resolve));
  function listen(this: Server, ...options: unknown[]): Server {
    if (app !== undefined && !isServerOf(this, app)) {
      // oxlint-disable-next-line typescript/unbound-method -- it is applied to the server
      return Reflect.apply(NetServer.prototype.listen, this, options);
    }
    const told = options.at(-1);
    if (typeof told === 'function') this.once('listening', told as () => void);
    pretendToListen(this, listenAddress(options));
    queueMicrotask(() => this.emit('listening'));
    servers.push(this);
    found?.(this);
    return this;
  }
  Object.defineProperty(Server.prototype, 'listen', { value: listen, configurable: true, writable: true });
  return {
    first,
    servers,
    serverOf: (handler) => servers.find((server) => isServerOf(server, handler)),
    stop: (handler) => {
      app = handler;
      if (handler === undefined) Reflect.deleteProperty(Server.prototype, 'listen');
    },
  };
}

/**
 * Lets `listening`, `address()`, `close()` and `getConnections()` of a server work as if it listened. A closed server
 * emits "close" after its last connection.
 */
export function pretendToListen(server: Server, address: AddressInfo): void {
  const handle = {
    getsockname: (found: object): number => {
      Object.assign(found, address);
      return 0;
    },
    close: ignore,
    ref: ignore,
    unref: ignore,
  };
  // node:net keeps the system's handle of a listening server there.
  Object.assign(server, { _handle: handle });
}

function ignore(): void {
  // There is no port to close, and nothing that keeps the process alive.
}

function isServerOf(server: Server, handler: RequestHandler): boolean {
  return server === handler || server.listeners('request').some((listener) => listener === handler);
}

/** The address of `listen(port, host)` and of `listen({ port, host })`. */
function listenAddress([first, second]: readonly unknown[]): AddressInfo {
  const { port, host } =
    typeof first === 'object' && first !== null
      ? (first as { readonly port?: unknown; readonly host?: unknown })
      : { port: first, host: second };
  const address = typeof host === 'string' ? (isIP(host) === 0 ? '127.0.0.1' : host) : '::';
  return { address, family: isIPv6(address) ? 'IPv6' : 'IPv4', port: Number(port) || 0 };
}
