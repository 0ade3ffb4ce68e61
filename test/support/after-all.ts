import { afterAll } from 'vitest';

/** Steps to take when all tests of the describe block that this is called in are done, the one added last first. */
export function stepsAfterAll(): (() => Promise<unknown>)[] {
  const steps: (() => Promise<unknown>)[] = [];
  afterAll(async () => {
    for (const step of steps.toReversed()) await step();
  });
  return steps;
}
