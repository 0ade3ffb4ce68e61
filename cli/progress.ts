import { WriteStream } from 'node:tty';
import type { Amount, Progress } from '../image/progress.ts';
import { formatBytes } from '../image/format-bytes.ts';
import type { CommandContext } from './context.ts';
import type { OutputOptions } from './options.ts';
import { progressWriter } from './output.ts';

/** Shows how far things have come, each under a name. */
export interface ProgressDisplay {
  readonly progress: (name: string, ...what: Parameters<Progress>) => void;
  /** Says that one of them is done. */
  readonly finished: (name: string) => void;
  /** Takes away what moves, so that other text can be printed. */
  readonly close: () => void;
}

/**
 * Lines that move where stderr is a terminal; else a line for each step; nothing with `--quiet`.
 *
 * @param total how many things there are
 */
export async function openProgress(
  context: CommandContext,
  options: Pick<OutputOptions, 'quiet' | 'verbose'>,
  total: number,
): Promise<ProgressDisplay> {
  const { stderr, environment, colours } = context;
  if (stderr instanceof WriteStream && !options.quiet && !options.verbose && environment['TERM'] !== 'dumb') {
    const { openBars } = await import('./progress-bars.ts');
    return openBars(stderr, total);
  }
  const write = progressWriter(context, options, colours.stderr);
  let done = 0;
  return {
    progress: (name, message, amount) => amount === undefined && write(name, message),
    finished: (name) => {
      done += 1;
      if (total > 1) write(name, `done, ${done} of ${total}`);
    },
    close: () => undefined,
  };
}

/** "12 MB of 40 MB", or "3 of 12 layers". */
export function amountText({ done, total, unit }: Amount): string {
  return unit === 'bytes' ? `${formatBytes(done)} of ${formatBytes(total)}` : `${done} of ${total} layers`;
}
