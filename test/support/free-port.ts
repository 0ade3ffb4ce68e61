import { createServer } from 'node:net';

// Below the ports that Linux gives out by itself, so that no connection of another test takes one in the meantime, and
// from a different place in each process, so that test files side by side do not choose the same.
const lowest = 10_000;
const count = 20_000;
let next = (process.pid * 131) % count;

/** A TCP port nothing listens on, for a program that is about to. */
export async function freePort(): Promise<number> {
  for (;;) {
    next = (next + 1) % count;
    // Kept, as another caller may move on while this one waits.
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
