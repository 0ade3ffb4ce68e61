import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Deadlines } from '../../../adapter/call/deadlines.ts';
import { GiveUp } from '../../../adapter/call/give-up.ts';

describe('Deadlines', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('aborts each call at its own deadline, in any order, with one timer', () => {
    const deadlines = new Deadlines();
    const calls = [300, 100, 200, 100].map((after) => {
      const call = new GiveUp();
      deadlines.add(call, Date.now() + after);
      return call;
    });
    const states: boolean[][] = [];
    for (let passed = 0; passed < 300; passed += 100) {
      expect(vi.getTimerCount()).toBe(1);
      vi.advanceTimersByTime(100);
      states.push(calls.map(({ aborted }) => aborted));
    }
    expect(states).toEqual([
      [false, true, false, true],
      [false, true, true, true],
      [true, true, true, true],
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('does not abort a call that has ended, or one whose deadline is beyond the longest timer', () => {
    const deadlines = new Deadlines();
    const [ended, far] = [new GiveUp(), new GiveUp()];
    deadlines.add(ended, Date.now() + 10);
    deadlines.add(far, Date.now() + 2 ** 33);
    deadlines.delete(ended);
    vi.advanceTimersByTime(2 ** 32);
    expect([ended.aborted, far.aborted]).toEqual([false, false]);
  });

  test('aborts a call at once whose deadline has passed', () => {
    const call = new GiveUp();
    new Deadlines().add(call, Date.now() - 1);
    vi.advanceTimersByTime(1);
    expect(call.aborted).toBe(true);
  });
});

describe('GiveUp', () => {
  test('notifies listeners once, but not removed ones', () => {
    const call = new GiveUp();
    const [listening, gone] = [vi.fn<() => void>(), vi.fn<() => void>()];
    call.addEventListener('abort', listening);
    call.addEventListener('abort', gone);
    call.removeEventListener('abort', gone);
    call.abort();
    call.abort();
    expect([call.aborted, listening.mock.calls.length, gone.mock.calls.length]).toEqual([true, 1, 0]);
  });
});
