import { setTimeout as sleep } from 'node:timers/promises';

import { RegistryError, TransientError } from './errors.ts';

export interface RetryPolicy {
  /** How often an operation is tried in all. */
  readonly attempts: number;
  /** Milliseconds; the n-th wait is a random part of `firstDelay` · 2ⁿ⁻¹, at most `longestDelay`. */
  readonly firstDelay: number;
  readonly longestDelay: number;
}

export const defaultRetryPolicy: RetryPolicy = { attempts: 5, firstDelay: 500, longestDelay: 30_000 };

/** After a host asked for a pause (429), delays all requests to it, not only the one that was refused. */
export class HostGate {
  #openAt = 0;

  pause(milliseconds: number): void {
    this.#openAt = Math.max(this.#openAt, Date.now() + milliseconds);
  }

  async wait(signal: AbortSignal): Promise<void> {
    for (let left = this.#openAt - Date.now(); left > 0; left = this.#openAt - Date.now()) {
      await sleep(left, undefined, { signal });
    }
  }
}

/**
 * Runs `operation` until it succeeds, fails with anything but TransientError, or has been tried `policy.attempts` times,
 * which gives RegistryError REGISTRY_UNAVAILABLE. Waits with full jitter, or as long as the server asked.
 */
export async function withRetries<T>(
  operation: (attempt: number) => Promise<T>,
  { policy, gate, signal }: { policy: RetryPolicy; gate: HostGate; signal: AbortSignal },
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    await gate.wait(signal);
    try {
      return await operation(attempt);
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      if (attempt >= policy.attempts) throw givenUp(error, attempt);
      const delay = Math.random() * Math.min(policy.longestDelay, policy.firstDelay * 2 ** (attempt - 1));
      if (error.retryAfter !== undefined) gate.pause(error.retryAfter);
      await sleep(delay, undefined, { signal });
    }
  }
}

function givenUp(last: TransientError, attempts: number): RegistryError {
  return new RegistryError('REGISTRY_UNAVAILABLE', `${last.message}, ${attempts} times in a row`, {
    hint: 'check the network and the name of the registry, or try again later',
    cause: last,
    ...(last.status !== undefined && { status: last.status }),
  });
}
