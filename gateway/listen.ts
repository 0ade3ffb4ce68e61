import { createServer, type Server } from 'node:http';
import { GatewayError } from './errors.ts';

/** Starts to listen and resolves to the base URL, see Gateway.listen. Rejects with GatewayError. */
export function listen(server: Server, port: number, host: string, portFlag: string): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, port, host, portFlag)));
    server.listen(port, host, () => {
      const address = server.address();
      const actualPort = typeof address === 'object' && address !== null ? address.port : port;
      resolve(`http://${host.includes(':') ? `[${host}]` : host}:${actualPort}`);
    });
  });
}

/**
 * Checks that a gateway can listen there now, before other work that takes long. Rejects with GatewayError.
 *
 * @param portFlag see Gateway.listen
 */
export async function assertCanListen(port: number, host: string, portFlag = '--port'): Promise<void> {
  const server = createServer();
  await listen(server, port, host, portFlag);
  await new Promise((resolve) => server.close(resolve));
}

function listenError(error: NodeJS.ErrnoException, port: number, host: string, portFlag: string): GatewayError {
  if (error.code === 'EADDRINUSE') {
    const hint = `stop the program that uses it, or choose another port with ${portFlag}`;
    return new GatewayError('PORT_IN_USE', `port ${port} on ${host} is already used`, { hint, cause: error });
  }
  const hint = `choose another address with --host and ${portFlag}`;
  return new GatewayError('LISTEN', `cannot listen on ${host}:${port}: ${error.message}`, { hint, cause: error });
}
