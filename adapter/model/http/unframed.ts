import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { pipeline, type Readable, Transform } from 'node:stream';
import { codeOf } from '../../../core/errors.ts';

/** Whether a reply ends with its connection, like HTTP/1.0 without a length (RFC 9112, section 6.3, rule 8). */
export function isUnframed({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] === undefined && headers['content-length'] === undefined;
}

/**
 * The body of such a reply, or the bytes of a connection that has switched protocols. It fails if the server has
 * crashed: the connection then ends in the same way, so the body's end is delayed by `notice` milliseconds to find out.
 */
export function unframedBody(incoming: Readable, host: string, port: number): Readable {
  const checked = new Transform({
    transform: (chunk, _encoding, done) => done(null, chunk),
    flush: (done) => whenDead(host, port, done),
  });
  return pipeline(incoming, checked, () => undefined);
}

/**
 * Calls `tell`, with an error if nothing listens any more. A process that ends closes its listening socket at about the
 * same time as its connections, so a new connection is refused or soon reset.
 */
function whenDead(host: string, port: number, tell: (error?: Error) => void): void {
  const socket = connect(port, host);
  // A server that is too busy to accept a connection still runs.
  const lives = (): void => {
    socket.destroy();
    tell();
  };
  // If this process was busy meanwhile, the refusal has arrived and is told before an immediate.
  let waiting: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => (waiting = setImmediate(lives)), notice);
  socket.once('error', (error) => {
    clearTimeout(timer);
    clearImmediate(waiting);
    tell(['ECONNREFUSED', 'ECONNRESET'].includes(codeOf(error) ?? '') ? error : undefined);
  });
}

/** Milliseconds. */
const notice = 15;
