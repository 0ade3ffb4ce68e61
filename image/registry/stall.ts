import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';

export interface StallLimits {
  /** A connection that moves fewer than `stallBytes` in this many milliseconds is broken off. Default 60 000. */
  readonly stallTimeout?: number;
  /** Default 65 536, about 1 KB per second: slower than any usable connection. */
  readonly stallBytes?: number;
  /** How many `stallTimeout`s a server may take before it answers: committing a large blob takes long. Default 5. */
  readonly answerPatience?: number;
}

/** Breaks a request off when its connection stalls. Returns a function that stops watching. */
export function watchForStall(
  request: ClientRequest,
  { stallTimeout, stallBytes, answerPatience }: Required<StallLimits>,
): () => void {
  let socket: Socket | undefined;
  let answered = false;
  let before = 0;
  let patience = answerPatience;
  request.once('socket', (assigned) => {
    socket = assigned;
    before = assigned.bytesRead + assigned.bytesWritten;
  });
  request.once('response', () => (answered = true));
  const timer = setInterval(() => {
    const now = socket === undefined ? 0 : socket.bytesRead + socket.bytesWritten;
    const moved = now - before;
    before = now;
    const waitingForAnswer = request.writableFinished && !answered;
    if (moved >= stallBytes || (waitingForAnswer && --patience > 0)) return;
    request.destroy(new Error(`stalled, ${moved} bytes in ${stallTimeout / 1000} s`));
  }, stallTimeout).unref();
  return () => clearInterval(timer);
}
