import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { ClosingReporter } from './test/support/reporter.ts';

const slow = 'test/**/*.slow.test.ts';

export default defineConfig({
  test: {
    globalSetup: 'test/support/global-setup.ts',
    // These tests wait for other processes half of the time.
    maxWorkers: availableParallelism() + 1,
    reporters: ['default', new ClosingReporter()],
    projects: [
      {
        extends: true,
        // These run on a machine with Node.js, npm and git alone: `npm test`.
        test: { name: 'quick', include: ['test/**/*.test.ts'], exclude: [slow] },
      },
      {
        extends: true,
        // These need Docker, a registry, Go, Python or curl, or take long: `npm run test:all`.
        test: { name: 'slow', include: [slow] },
      },
    ],
    // Starting a model server, a container or a child Node on two busy cores can take tens of seconds.
    testTimeout: 60_000,
    hookTimeout: 300_000,
    // Its default of a second is short for what another process does on a busy machine.
    expect: { poll: { timeout: 20_000 } },
  },
});
