import { ModelServerError } from '../errors.ts';

/** When a caller stops waiting: its signal is aborted, or its deadline (epoch milliseconds) passes. */
export interface Expiry {
  readonly signal: AbortSignal;
  readonly deadline: number;
}

const longestTimer = 2 ** 31 - 1;

/** Calls `expire` once the caller no longer waits, at once if that is so already. Returns a function that forgets it. */
export function onExpiry({ signal, deadline }: Expiry, expire: () => void): () => void {
  const left = deadline - Date.now();
  if (signal.aborted || left <= 0) {
    expire();
    return () => undefined;
  }
  const timer = left <= longestTimer ? setTimeout(expire, left) : undefined;
  signal.addEventListener('abort', expire, { once: true });
  return () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', expire);
  };
}

/** The promise's outcome, or MODEL_TIMEOUT with `message` once the caller no longer waits. */
export async function beforeExpiry<Value>(expiry: Expiry, message: string, promise: Promise<Value>): Promise<Value> {
  let forget: (() => void) | undefined;
  const expired = new Promise<never>((_, reject) => {
    forget = onExpiry(expiry, () => reject(new ModelServerError('MODEL_TIMEOUT', message)));
  });
  try {
    return await Promise.race([promise, expired]);
  } finally {
    forget?.();
  }
}
