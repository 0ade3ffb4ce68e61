import { isIP } from 'node:net';
import { addAbortSignal } from 'node:stream';
import tls from 'node:tls';

import { codeOf } from '../../core/errors.ts';

/**
 * Whether the server at an https URL speaks TLS, regardless of its certificate; undefined if nothing listens there. A
 * server that does not answer the handshake within 3 seconds does not speak it.
 */
export async function speaksTls({ hostname, port }: URL, signal?: AbortSignal): Promise<boolean | undefined> {
  const host = hostname.replaceAll(/[[\]]/g, '');
  const servername = isIP(host) === 0 ? { servername: host } : {};
  return new Promise((resolve) => {
    // Nothing is sent here. The requests that follow check the certificate.
    const socket = tls.connect({ host, port: Number(port || 443), ...servername, rejectUnauthorized: false });
    if (signal !== undefined) addAbortSignal(signal, socket);
    const finish = (answer: boolean | undefined): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(3000, () => finish(false));
    socket.once('secureConnect', () => finish(true));
    socket.on('error', (error) => finish(nobodyListens(error) ? undefined : false));
    socket.once('close', () => finish(false));
  });
}

/** For a name with several addresses, Node reports one error, which has no code, with the failures in it. */
function nobodyListens(error: Error): boolean {
  const code = codeOf(error) ?? (error instanceof AggregateError ? codeOf(error.errors[0]) : undefined);
  return code === 'ECONNREFUSED' || code === 'ENOTFOUND';
}
