import { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The HTTP servers that were told to listen. */
export interface Listening {
  /** The first of them, once there is one. */
  readonly first: Promise<Server>;
  /** Leaves those alone that are told to listen from now on. */
  stop(): void;
}

/**
 * Takes the place of listening for HTTP servers: an app in this process is called without a port, and the one that it
 * would listen on is often the adapter's own. Each server hears that it listens, and does not.
 */
export function takeListening(): Listening {
  let found: ((server: Server) => void) | undefined;
  const first = new Promise<Server>((resolve) => (found = resolve));
  function listen(this: Server, ...options: unknown[]): Server {
    const [port] = options;
    const told = options.at(-1);
    if (typeof told === 'function') this.once('listening', told as () => void);
    this.address = (): AddressInfo => ({ address: '127.0.0.1', family: 'IPv4', port: Number(port) || 0 });
    queueMicrotask(() => this.emit('listening'));
    found?.(this);
    return this;
  }
  Object.defineProperty(Server.prototype, 'listen', { value: listen, configurable: true, writable: true });
  return { first, stop: () => void Reflect.deleteProperty(Server.prototype, 'listen') };
}
