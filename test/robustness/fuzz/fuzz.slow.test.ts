import { expect, test } from 'vitest';
import { campaigns } from './campaigns.ts';

// For longer: npm run fuzz -- --seconds 3600
test.each(campaigns)('$title', { timeout: 120_000 }, async ({ run, runs }) => {
  expect(await run({ seed: 20_261_121, runs })).toBe(runs);
});
