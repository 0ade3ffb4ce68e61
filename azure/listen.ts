import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { codeOf, messageOf, ModelwhiskError } from '../core/errors.ts';

export interface Listening {
  /** Without a path. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Starts to listen. Port 0 takes a free port. Rejects with ModelwhiskError `LISTEN` or `PORT_IN_USE`. */
export async function listen(server: Server, port: number, host: string): Promise<Listening> {
  // A browser that calls localhost tries 127.0.0.1, too.
  const address = host === 'localhost' ? '127.0.0.1' : host.replace(/^\[(.*)\]$/, '$1');
  server.listen(port, address);
  try {
    await once(server, 'listening');
  } catch (cause) {
    if (codeOf(cause) === 'EADDRINUSE') {
      const hint = 'stop the program that uses it, or choose another port';
      throw new ModelwhiskError('PORT_IN_USE', `port ${port} on ${address} is already used`, { hint, cause });
    }
    throw new ModelwhiskError('LISTEN', `cannot listen on ${address}:${port}: ${messageOf(cause)}`, { cause });
  }
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
