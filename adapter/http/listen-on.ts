import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';

/**
 * Has an HTTP server of the adapter's own listen. While an app loads in this process, the method of http.Server only
 * pretends to (see takeListening).
 *
 * @param address IP address. Default: all
 */
export function listenOn(server: Server, port: number, address: string | undefined): void {
  const options = { port, ...(address !== undefined && { host: address }) };
  // oxlint-disable-next-line typescript/unbound-method -- it is applied to the server
  Reflect.apply(NetServer.prototype.listen, server, [options]);
}
