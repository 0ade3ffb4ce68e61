import { CallerError } from '../errors.ts';
import type { CallSignal } from '../http/message.ts';
import type { WebPolicy } from './policy.ts';

/**
 * Does `work` within the policy's time limit. Rejects with CallerError 504 after the limit or if `signal` is aborted.
 *
 * @param name returns the resource's name for messages
 */
export async function withinTime<Result>(
  policy: WebPolicy,
  signal: CallSignal,
  name: () => string,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const call = new AbortController();
  const abort = (): void => call.abort();
  const timer = setTimeout(abort, policy.timeoutMilliseconds);
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();
  try {
    return await work(call.signal);
  } catch (error) {
    if (error instanceof CallerError) throw error;
    if (signal.aborted) throw new CallerError(504, 'INPUT', `the call ended before ${name()} was fetched`);
    if (call.signal.aborted) {
      throw new CallerError(504, 'INPUT', `${name()} could not be fetched within ${policy.timeoutMilliseconds} ms`, {
        hint: 'set MODELWHISK_FETCH_TIMEOUT to allow more',
      });
    }
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
    abort();
  }
}
