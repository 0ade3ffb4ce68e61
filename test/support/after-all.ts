import { afterAll } from 'vitest';

/** Steps to run after all tests of the current describe block, in reverse order. */
export function stepsAfterAll(): (() => Promise<unknown>)[] {
  const steps: (() => Promise<unknown>)[] = [];
  afterAll(async () => {
    for (const step of steps.toReversed()) await step();
  });
  return steps;
}
