import { expect, test } from 'vitest';
import { defaultLimits } from '../../../gateway/action.ts';
import type { Instance } from '../../../gateway/invoker/instance.ts';
import { InstancePool } from '../../../gateway/invoker/instance-pool.ts';

/** An instance that is gone only after `finish`. */
function slowlyEnding(): { readonly instance: Instance; readonly finish: () => void } {
  let finish = (): void => undefined;
  const gone = new Promise<void>((resolve) => (finish = resolve));
  const url = new URL('http://127.0.0.1:1');
  const { signal } = new AbortController();
  return { instance: { url, gone: signal, takeLogs: async () => [], destroy: async () => gone }, finish };
}

test.each<[how: string, end: (pool: InstancePool, slot: Awaited<ReturnType<InstancePool['acquire']>>) => void]>([
  ['failed', (pool, slot) => void pool.remove(slot)],
  [
    'is of an action that was changed',
    (pool, slot) => {
      pool.release(slot);
      pool.retire();
    },
  ],
  ['runs', () => undefined],
])('close waits until an instance that %s is gone: its image may be removed afterwards', async (_how, end) => {
  const { instance, finish } = slowlyEnding();
  const pool = new InstancePool(defaultLimits, async () => instance);
  end(pool, await pool.acquire());
  let closed = false;
  const closing = pool.close().then(() => (closed = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(closed).toBe(false);
  finish();
  await closing;
  expect(pool.load().instances).toBe(0);
});
