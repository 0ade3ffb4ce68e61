import { expect, test } from 'vitest';
import { summaryLine } from '../../cli/summary.ts';

test.each([
  [{ pushed: 41_000_000, mounted: 58_000_000_000, copied: 0 }, 19_200, 'x, 41 MB pushed, 58 GB mounted, 19 s'],
  [{ pushed: 900, mounted: 0, copied: 1_500_000 }, 119_000, 'x, 900 bytes pushed, 1.5 MB copied, 119 s'],
  [{ pushed: 0, mounted: 0, copied: 0 }, 400, 'x, nothing sent, 0 s'],
  [undefined, 125_000, 'x, 2 min 5 s'],
])('bytes over the network, and their duration: %j', (bytes, milliseconds, line) => {
  expect(summaryLine({ what: 'x', bytes, milliseconds })).toBe(line);
});
