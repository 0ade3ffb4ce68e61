import { performance } from 'node:perf_hooks';
import type { Body } from '../../http/message.ts';

/**
 * Calls `onDelay` when the body of a reply came so long after its head as a delayed acknowledgement takes.
 *
 * A server that writes head and body apart, and leaves Nagle's algorithm on as Python's http.server does, sends the body
 * only when the head has been acknowledged. On a kept connection Linux waits 40 ms with that, hoping for data to send
 * along (RFC 1122, section 4.2.3.2). TCP_QUICKACK would help, which Node.js does not have; a new connection does, since
 * it acknowledges at once. A body that fits into one segment and whose length is known was not computed meanwhile.
 */
export function watchForDelay(body: Body, onDelay: () => void): void {
  if (Buffer.isBuffer(body) || body.length === undefined || body.length > oneSegment) return;
  const began = performance.now();
  body.stream.once('end', () => {
    const delay = performance.now() - began;
    if (delay >= shortestDelay && delay <= longestDelay) onDelay();
  });
}

/** What the loopback interface takes in one piece. */
const oneSegment = 65_483;
/** Linux delays an acknowledgement by 40 ms, which a timer may cut short or a busy machine draw out. */
const shortestDelay = 30;
const longestDelay = 200;
