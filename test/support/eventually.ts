import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../core/errors.ts';

/**
 * Calls `ask` repeatedly until its answer is accepted, and resolves with that answer. An error counts as an answer that
 * is not accepted.
 *
 * @param what the awaited state for the message: "the adapter listens on port 8080"
 * @param seconds after which it rejects with `what` and the last answer or error. Default: 30
 */
export async function eventually<Answer>(
  what: string,
  ask: () => Promise<Answer> | Answer,
  accepts: (answer: Answer) => boolean = () => true,
  seconds = 30,
): Promise<Answer> {
  const limit = AbortSignal.timeout(seconds * 1000);
  const tooLate = new Promise<void>((resolve) => limit.addEventListener('abort', () => resolve()));
  let last = 'there was no answer';
  while (!limit.aborted) {
    try {
      const asked = await Promise.race([Promise.resolve(ask()).then((answer) => ({ answer })), tooLate]);
      if (asked === undefined) break;
      if (accepts(asked.answer)) return asked.answer;
      last = `the last answer was ${(JSON.stringify(asked.answer) ?? 'undefined').slice(0, 500)}`;
    } catch (error) {
      last = `the last error was ${messageOf(error)}`;
    }
    await sleep(20);
  }
  throw new Error(`waited ${seconds} s in vain until ${what}; ${last}`);
}
