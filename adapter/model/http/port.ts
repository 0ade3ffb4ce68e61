import net from 'node:net';

/**
 * Whether anything listens on the port, at a loopback address. Tries to listen first, which takes a tenth of the time
 * of two connections. Connects only if that fails.
 */
export async function isPortTaken(port: number): Promise<boolean> {
  if (await canListen(port)) return false;
  const looks = loopbackHosts.map((host) => connects(host, port, 1000));
  return (await Promise.allSettled(looks)).some(({ status }) => status === 'fulfilled');
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}

/** A server that is bound to "localhost" may listen on only one of them. */
export const loopbackHosts = ['127.0.0.1', '::1'];

/** Resolves if a connection is accepted. Rejects with the reason if not. */
export function connects(host: string, port: number, timeout: number): Promise<undefined> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port, timeout });
    socket.once('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.once('timeout', () => socket.destroy(new Error(`no connection to port ${port} within ${timeout} ms`)));
    socket.once('error', reject);
  });
}
