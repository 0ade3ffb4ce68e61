import { createServer } from 'node:net';

// Below Linux's ephemeral ports, so that no connection of another test takes the port meanwhile, and above 10080, which
// fetch refuses. Each process starts at another place, so that concurrent test files do not choose the same port.
const lowest = 10_100;
const count = 19_900;
let next = (process.pid * 131) % count;

/** A free TCP port for a program to listen on. */
export async function freePort(): Promise<number> {
  for (;;) {
    next = (next + 1) % count;
    // Kept in a variable, because another call may change `next` while this one waits.
    const port = lowest + next;
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}
