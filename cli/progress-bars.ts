import type { WriteStream } from 'node:tty';
import { MultiBar, type Options, type Params, type SingleBar } from 'cli-progress';
import type { Amount } from '../image/progress.ts';
import { amountText, type ProgressDisplay } from './progress.ts';

interface Payload {
  readonly name: string;
  readonly message: string;
  readonly amount: Amount | undefined;
}

/** One bar per item in progress, and a bar that counts the items if there are several. */
export function openBars(stream: WriteStream, total: number): ProgressDisplay {
  const bars = new MultiBar({
    stream,
    format: lineOf,
    clearOnComplete: true,
    hideCursor: true,
    linewrap: false,
    gracefulExit: false,
    fps: 5,
  });
  const running = new Map<string, SingleBar>();
  const count = total > 1 ? bars.create(total, 0, undefined, { format: countOf }) : undefined;
  return {
    progress: (name, message, amount) => {
      const payload: Payload = { name, message, amount };
      const bar = running.get(name) ?? bars.create(1, 0, payload);
      running.set(name, bar);
      bar.setTotal(amount?.total ?? 1);
      bar.update(amount?.done ?? 0, payload);
    },
    finished: (name) => {
      const bar = running.get(name);
      if (bar !== undefined) bars.remove(bar);
      running.delete(name);
      count?.increment();
    },
    close: () => bars.stop(),
  };
}

/** The seconds show activity even without a known amount. */
function lineOf(_options: Options, { progress, startTime }: Params, { name, message, amount }: Payload): string {
  const seconds = `${Math.round((Date.now() - startTime) / 1000)} s`;
  const parts = amount === undefined ? [message] : [message, barOf(progress), amountText(amount)];
  return [name, ...parts, seconds].join('  ');
}

function countOf(_options: Options, { progress, value, total }: Params): string {
  return `${barOf(progress)}  ${value} of ${total}`;
}

const barLength = 20;

function barOf(progress: number): string {
  const full = Math.round(Math.min(progress, 1) * barLength);
  return `${'█'.repeat(full)}${'░'.repeat(barLength - full)}`;
}
