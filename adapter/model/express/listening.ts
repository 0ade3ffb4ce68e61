import { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The HTTP servers whose `listen` was called. */
export interface Listening {
  /** Resolves with the first server. */
  readonly first: Promise<Server>;
  /** Restores `listen`. */
  stop(): void;
}

/**
 * Replaces `listen` of HTTP servers: a server emits "listening" but opens no port. The adapter calls the app without a
 * port, and the app's port is often the adapter's own.
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
