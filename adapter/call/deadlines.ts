import { longestTimer } from '../../core/longest-timer.ts';
import type { GiveUp } from './give-up.ts';

/** Aborts calls at their deadlines. They share one timer, because nearly every call ends long before its deadline. */
export class Deadlines {
  /** Epoch milliseconds. */
  readonly #calls = new Map<GiveUp, number>();
  #timer: NodeJS.Timeout | undefined;
  /** When the timer fires. */
  #next = Number.POSITIVE_INFINITY;

  /** @param deadline epoch milliseconds */
  add(call: GiveUp, deadline: number): void {
    this.#calls.set(call, deadline);
    if (deadline < this.#next) this.#wakeAt(deadline);
  }

  delete(call: GiveUp): void {
    this.#calls.delete(call);
  }

  #wakeAt(deadline: number): void {
    clearTimeout(this.#timer);
    this.#next = deadline;
    const left = Math.min(Math.max(deadline - Date.now(), 0), longestTimer);
    // The timer need not keep the process alive: a running call does.
    this.#timer = setTimeout(() => this.#wake(), left).unref();
  }

  #wake(): void {
    const now = Date.now();
    for (const [call, deadline] of this.#calls) {
      if (deadline > now) continue;
      this.#calls.delete(call);
      call.abort();
    }
    this.#next = Number.POSITIVE_INFINITY;
    const next = Math.min(...this.#calls.values());
    if (next < this.#next) this.#wakeAt(next);
  }
}
