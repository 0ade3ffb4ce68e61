import net from 'node:net';
import { messageOf } from '../../../core/errors.ts';

export type ProbeResult =
  | { readonly ready: true; /** The loopback address that answered. */ readonly host: string }
  | { readonly ready: false; /** "GET /ping answered 503" */ readonly reason: string };

/** One look at whether the model server can be called. Resolves within `timeout` milliseconds, never rejects. */
export type Probe = (timeout: number) => Promise<ProbeResult>;

/**
 * Whether anything listens on the port, at a loopback address. To listen oneself for a moment tells most often that
 * nothing does, and takes a tenth of the time of two connections; where one cannot, those tell why.
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

/** A server bound to "localhost" alone may listen on either. */
const loopbackHosts = ['127.0.0.1', '::1'];

/** `look` says what is missing; undefined means ready. */
export function onEitherHost(look: (host: string, timeout: number) => Promise<string | undefined>): Probe {
  return async (timeout) => {
    let reason = '';
    for (const host of loopbackHosts) {
      const missing = await look(host, timeout).catch(messageOf);
      if (missing === undefined) return { ready: true, host };
      // The second address only matters where it answers; the first one's reason is the telling one.
      if (reason === '') reason = missing;
    }
    return { ready: false, reason };
  };
}

/** Rejects with the reason where nothing accepts a connection. */
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
