import { performance } from 'node:perf_hooks';
import type { Body } from '../../http/message.ts';

/**
 * Calls `onDelay` if a reply's body arrives after its head with the pause of a delayed acknowledgement.
 *
 * A server may write head and body separately and leave Nagle's algorithm on, like Python's http.server. It then sends
 * the body only when the head has been acknowledged. On a kept connection Linux delays that by 40 ms (RFC 1122,
 * section 4.2.3.2). Node.js cannot set TCP_QUICKACK, but a new connection acknowledges immediately. Only a body of
 * known length in one segment counts, because its bytes existed when the head was written.
 */
export function watchForDelay(body: Body, onDelay: () => void): void {
  if (Buffer.isBuffer(body) || body.length === undefined || body.length > oneSegment) return;
  const began = performance.now();
  body.stream.once('end', () => {
    const delay = performance.now() - began;
    if (delay >= shortestDelay && delay <= longestDelay) onDelay();
  });
}

/** The largest segment on the loopback interface, in bytes. */
const oneSegment = 65_483;
/** Milliseconds. Linux delays an acknowledgement by 40 ms; timers and a busy machine change that. */
const shortestDelay = 30;
const longestDelay = 200;
