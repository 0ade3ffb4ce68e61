import { useEffect, useState } from 'preact/hooks';
import { ActivationList } from './activation-list.tsx';
import { Chart } from './chart.tsx';
import { lastMinute } from './last-minute.ts';
import type { Live } from './use-live.ts';

/** The last minute as numbers and a chart, and the list of activations. */
export function LivePanel({ live }: { live: Live }) {
  const now = useSeconds(live.activations.length > 0);
  const minute = lastMinute(live.activations, now);
  const sum = (name: 'instances' | 'waiting'): number => live.load.reduce((total, each) => total + each[name], 0);
  return (
    <>
      <dl class="numbers">
        <Fact name="calls/s" value={String(minute.callsPerSecond)} />
        <Fact name="p50" value={milliseconds(minute.p50)} />
        <Fact name="p95" value={milliseconds(minute.p95)} />
        <Fact name="instances" value={String(sum('instances'))} />
        <Fact name="waiting" value={String(sum('waiting'))} />
      </dl>
      <Chart minute={minute} />
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

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function milliseconds(time: number | undefined): string {
  return time === undefined ? '–' : `${Math.round(time)} ms`;
}

/** The time, updated once a second while `running`. */
function useSeconds(running: boolean): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [running]);
  return now;
}
