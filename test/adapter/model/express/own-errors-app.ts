import type { RequestListener } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** An app that listens to its own errors, to those that the variable LISTENS names. */
const seen: string[] = [];
for (const name of (process.env['LISTENS'] ?? '').split(','))
  process.on(name, (error: Error) => seen.push(`${name} ${error.message}`));

const errors: Readonly<Record<string, () => void>> = {
  '/throw': () => {
    setImmediate(() => {
      throw new Error('thrown');
    });
  },
  '/reject': () => void Promise.reject(new Error('rejected')),
};

/** Causes an error outside of the handler, and replies all the same. */
export const app: RequestListener = async (request, response) => {
  errors[request.url ?? '']?.();
  await sleep(20);
  response.end(seen.at(-1));
};
