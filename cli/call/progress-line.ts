import type { CommandContext } from '../context.ts';
import type { Statistics } from './statistics.ts';

/** A line on a terminal with the progress of the calls, updated at most ten times per second. */
export function progressLine(
  { stderr }: Pick<CommandContext, 'stderr'>,
  { quiet = false }: { readonly quiet?: boolean },
  statistics: Statistics,
): { show: () => void; clear: () => void } {
  if (quiet || stderr.isTTY !== true) return { show: () => undefined, clear: () => undefined };
  let shownAt = 0;
  return {
    show: () => {
      if (performance.now() - shownAt < 100) return;
      shownAt = performance.now();
      const { calls, failed, callsPerSecond } = statistics.summary(statistics.elapsed(), undefined);
      stderr.write(`\r\u001B[K${calls} calls, ${failed} failed, ${callsPerSecond} calls/s`);
    },
    clear: () => void stderr.write('\r\u001B[K'),
  };
}
