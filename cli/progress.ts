import { WriteStream } from 'node:tty';
import type { Amount, Progress } from '../image/progress.ts';
import { formatBytes } from '../image/format-bytes.ts';
import type { CommandContext } from './context.ts';
import type { OutputOptions } from './options.ts';
import { progressWriter } from './output.ts';

/** Shows the progress of items by name. */
export interface ProgressDisplay {
  readonly progress: (name: string, ...what: Parameters<Progress>) => void;
  /** Marks an item as finished. Why one has failed is for the command to tell. */
  readonly finished: (name: string, ending: 'done' | 'failed') => void;
  /** Removes the bars, so that other text can be printed. */
  readonly close: () => void;
}

/**
 * Shows bars if stderr is a terminal, otherwise one line per step. Shows nothing with `--quiet`.
 *
 * @param total the number of items
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
    finished: (name, ending) => {
      done += 1;
      if (total > 1) write(name, `${ending}, ${done} of ${total}`);
    },
    close: () => undefined,
  };
}

/** "12 MB of 40 MB", or "3 of 12 layers". */
export function amountText({ done, total, unit }: Amount): string {
  return unit === 'bytes' ? `${formatBytes(done)} of ${formatBytes(total)}` : `${done} of ${total} layers`;
}
