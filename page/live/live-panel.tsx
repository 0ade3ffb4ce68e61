import { ActivationList } from './activation-list.tsx';
import { Chart } from './chart.tsx';
import { lastMinute } from './last-minute.ts';
import { Numbers } from './numbers.tsx';
import type { Live } from './use-live.ts';
import { useSeconds } from './use-seconds.ts';

/** The last minute as numbers and a chart, and the list of activations. */
export function LivePanel({ live }: { live: Live }) {
  const now = useSeconds(live.activations.length > 0);
  const minute = lastMinute(live.activations, now);
  const sum = (name: 'instances' | 'waiting'): number => live.load.reduce((total, each) => total + each[name], 0);
  return (
    <>
      <Numbers
        values={{
          'calls/s': String(minute.callsPerSecond),
          p50: milliseconds(minute.p50),
          p95: milliseconds(minute.p95),
          instances: String(sum('instances')),
          waiting: String(sum('waiting')),
        }}
      />
      <Chart minute={minute} what="calls" hasTimes />
      {live.run !== undefined && <RunProgress run={live.run} />}
      <ActivationList activations={live.activations} />
    </>
  );
}

function RunProgress({ run: { calls, ended, failed, duration } }: { run: NonNullable<Live['run']> }) {
  const rate = duration > 0 ? Math.round((ended / duration) * 1000) : 0;
  return (
    <p class="facts">
      <progress max={calls} value={ended} aria-label="calls of the load" /> {ended} of {calls} calls, {failed} failed,{' '}
      {rate} calls/s
    </p>
  );
}

function milliseconds(time: number | undefined): string {
  return time === undefined ? '–' : `${Math.round(time)} ms`;
}
