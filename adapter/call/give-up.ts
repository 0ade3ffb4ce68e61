import type { CallSignal } from '../http/message.ts';

/**
 * Gives a call up, and tells those who listen. It does for a call what an AbortController and its signal would, which
 * Node.js takes 15 µs for.
 */
export class GiveUp implements CallSignal {
  aborted = false;
  #listeners: Set<() => void> | undefined;

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners ??= new Set();
    this.#listeners.add(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners?.delete(listener);
  }

  abort(): void {
    if (this.aborted) return;
    this.aborted = true;
    for (const listener of this.#listeners ?? []) listener();
    this.#listeners = undefined;
  }
}
