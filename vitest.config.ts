import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default'],
    // Starting a model server, a container or a child Node on two busy cores can take tens of seconds.
    testTimeout: 60_000,
    hookTimeout: 300_000,
  },
});
