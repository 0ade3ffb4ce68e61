/** Calls `act` once the caller no longer waits, at once if that is so already. Returns a function that forgets it. */
export function onAbort(signal: AbortSignal, act: () => void): () => void {
  if (signal.aborted) act();
  else signal.addEventListener('abort', act, { once: true });
  return () => signal.removeEventListener('abort', act);
}

/** The promise's outcome, or MODEL_TIMEOUT with `message` once the caller no longer waits. */
export async function unlessAborted<Value>(
  signal: AbortSignal,
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
import { ModelServerError } from '../errors.ts';
