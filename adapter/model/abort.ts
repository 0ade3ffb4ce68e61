import { ModelServerError } from '../errors.ts';
import type { CallSignal } from '../http/message.ts';

/** Calls `act` when the signal is aborted, or now if it is. Returns a function that removes the listener. */
export function onAbort(signal: CallSignal, act: () => void): () => void {
  if (signal.aborted) act();
  else signal.addEventListener('abort', act);
  return () => signal.removeEventListener('abort', act);
}

/** The promise's outcome. Rejects with MODEL_TIMEOUT and `message` if the signal is aborted first. */
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
