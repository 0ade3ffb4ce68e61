import { ModelServerError } from '../errors.ts';
import type { CallSignal } from '../http/message.ts';

/** Calls `act` once the caller no longer waits, at once if that is so already. Returns a function that forgets it. */
export function onAbort(signal: CallSignal, act: () => void): () => void {
  if (signal.aborted) act();
  else signal.addEventListener('abort', act);
  return () => signal.removeEventListener('abort', act);
}

/** The promise's outcome, or MODEL_TIMEOUT with `message` once the caller no longer waits. */
export async function unlessAborted<Value>(
  signal: CallSignal,
  message: string,
  promise: Promise<Value>,
): Promise<Value> {
  let forget: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    forget = onAbort(signal, () => reject(new ModelServerError('MODEL_TIMEOUT', message)));
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    forget?.();
  }
}
