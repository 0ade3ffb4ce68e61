import type { ServerResponse } from 'node:http';
import type { MemorySocket } from './socket.ts';

/**
 * Closes the connection of a reply that is complete for its caller, such as one to HEAD, unless the app ends it within
 * five seconds. An app that writes until its caller leaves would never stop otherwise.
 */
export function closeUnended(socket: MemorySocket): void {
  // The last write comes from `end` mostly, which marks the reply as ended only after it.
  process.nextTick(() => {
    // Set by node:http until the reply is finished.
    const { _httpMessage: reply } = socket as { readonly _httpMessage?: ServerResponse | null };
    if (reply === undefined || reply === null || reply.writableEnded) return;
    const close = setTimeout(() => socket.destroy(), patience).unref();
    socket.once('close', () => clearTimeout(close));
  });
}

/** Milliseconds. */
const patience = 5000;
