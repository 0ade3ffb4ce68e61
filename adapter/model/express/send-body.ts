import type { IncomingMessage } from 'node:http';
import type { BodyStream, Header } from '../../http/message.ts';
import type { CallScope } from './call-scope.ts';
import type { MemorySocket } from './socket.ts';

/** Members of node:http's message that are missing in the public types. */
export interface Incoming extends IncomingMessage {
  joinDuplicateHeaders: boolean | null;
  upgrade: boolean;
  /** Whether the app has begun to read. */
  readonly _consuming: boolean;
  readonly _dumped: boolean;
  readonly _readableState: { readonly resumeScheduled: boolean };
  /** Discards the body. */
  _dump(): void;
  _addHeaderLines(lines: readonly string[], count: number): void;
}

/**
 * Streams a body into the request, with backpressure.
 *
 * @param sent called after the end of the body
 */
export function sendBody(
  body: BodyStream,
  incoming: Incoming,
  socket: MemorySocket,
  scope: CallScope,
  sent: () => void,
): void {
  const { stream, trailers } = body;
  socket.source = body;
  // What still arrives afterwards is only drained.
  const isOver = (): boolean => incoming.destroyed || socket.destroyed;
  stream.on('data', (part: Buffer) => {
    if (isOver()) return;
    scope.run(() => {
      socket.received(part.length);
      if (!incoming._dumped && !incoming.push(part)) stream.pause();
    });
  });
  stream.on('end', () => {
    if (isOver()) return;
    scope.run(() => {
      endBody(incoming, trailers?.() ?? []);
      sent();
    });
  });
  stream.on('error', () => undefined);
  stream.on('close', () => {
    if (!stream.readableEnded) scope.run(() => socket.hangUp());
  });
}

/** Ends the request. */
export function endBody(incoming: Incoming, trailers: readonly Header[]): void {
  incoming.complete = true;
  const lines = trailers.flat();
  incoming._addHeaderLines(lines, lines.length);
  incoming.push(null);
}
