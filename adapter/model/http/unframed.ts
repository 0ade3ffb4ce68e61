import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { pipeline, type Readable, Transform } from 'node:stream';
import { codeOf } from '../../../core/errors.ts';

/** Whether a reply ends with its connection, as under HTTP/1.0 without a length (RFC 9112, section 6.3, rule 8). */
export function isUnframed({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] === undefined && headers['content-length'] === undefined;
}

/**
 * The body of such a reply, or what comes over a connection that has switched protocols. It fails where the server died, as its connection ends in the same way then, and its end is
 * held back for `notice` milliseconds to find out.
 */
export function unframedBody(incoming: Readable, host: string, port: number): Readable {
  const checked = new Transform({
    transform: (chunk, _encoding, done) => done(null, chunk),
    flush: (done) => whenDead(host, port, done),
  });
  return pipeline(incoming, checked, () => undefined);
}

/**
 * Tells whether anything still listens there: with an error where not. A process that dies closes what it listens on at
 * about the time at which it closes its connections: a new one is refused, or reset in a moment.
 */
function whenDead(host: string, port: number, tell: (error?: Error) => void): void {
  const socket = connect(port, host);
  // One that is too busy to accept a connection lives.
  const lives = setTimeout(() => {
    socket.destroy();
    tell();
  }, notice);
  socket.once('error', (error) => {
    clearTimeout(lives);
    tell(['ECONNREFUSED', 'ECONNRESET'].includes(codeOf(error) ?? '') ? error : undefined);
  });
}

const notice = 15;
