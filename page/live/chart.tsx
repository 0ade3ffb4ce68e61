import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { clockTime } from '../clock.ts';
import type { Minute } from './last-minute.ts';

/** The last minute: calls per second as an area, p50 and p95 as lines. */
export function Chart({ minute }: { minute: Minute }) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  useEffect(() => {
    if (place.current === null) return;
    const width = place.current.clientWidth;
    const colour = getComputedStyle(place.current).color;
    plot.current = new uPlot(optionsFor(width, colour), dataOf(minute), place.current);
    const resized = new ResizeObserver(() =>
      plot.current?.setSize({ width: place.current?.clientWidth ?? width, height }),
    );
    resized.observe(place.current);
    return () => {
      resized.disconnect();
      plot.current?.destroy();
    };
  }, []);
  useEffect(() => plot.current?.setData(dataOf(minute)), [minute]);
  const summary = `the last minute: ${minute.callsPerSecond} calls a second, p95 ${Math.round(minute.p95 ?? 0)} ms`;
  return <div ref={place} class="chart" role="img" aria-label={summary} />;
}

const height = 180;

function dataOf({ seconds, calls, p50s, p95s }: Minute): uPlot.AlignedData {
  return [[...seconds], [...calls], [...p50s], [...p95s]];
}

function optionsFor(width: number, colour: string): uPlot.Options {
  const axis = { stroke: colour, grid: { stroke: '#8884', width: 1 }, ticks: { show: false } };
  return {
    width,
    height,
    cursor: { show: false },
    legend: { show: true, live: false },
    scales: {
      calls: { range: (_plot, _least, most) => [0, Math.max(5, most)] },
      time: { range: (_plot, _least, most) => [0, Math.max(10, most)] },
    },
    axes: [
      { ...axis, values: (_plot, ticks) => ticks.map((tick) => clockTime(tick * 1000)), space: 90 },
      { ...axis, scale: 'calls', size: 40 },
      { ...axis, scale: 'time', side: 1, size: 50, grid: { show: false } },
    ],
    series: [
      {},
      { label: 'calls/s', scale: 'calls', stroke: '#0891b2', fill: '#0891b233', points: { show: false } },
      { label: 'p50 ms', scale: 'time', stroke: '#16a34a', spanGaps: true, points: { show: false } },
      { label: 'p95 ms', scale: 'time', stroke: '#e11d48', spanGaps: true, points: { show: false } },
    ],
  };
}
