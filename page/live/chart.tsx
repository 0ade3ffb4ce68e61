import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { clockTime } from '../clock.ts';
import type { Minute } from './last-minute.ts';

/** The last minute: a number per second as an area and, with `hasTimes`, p50 and p95 as lines. */
export function Chart({ minute, what, hasTimes = false }: { minute: Minute; what: string; hasTimes?: boolean }) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  useEffect(() => {
    if (place.current === null) return;
    const width = place.current.clientWidth;
    plot.current = new uPlot(optionsFor(width, what, hasTimes), dataOf(minute, hasTimes), place.current);
    const resized = new ResizeObserver(() =>
      plot.current?.setSize({ width: place.current?.clientWidth ?? width, height }),
    );
    resized.observe(place.current);
    return () => {
      resized.disconnect();
      plot.current?.destroy();
    };
  }, []);
  useEffect(() => plot.current?.setData(dataOf(minute, hasTimes)), [minute]);
  const times = hasTimes ? `, p95 ${Math.round(minute.p95 ?? 0)} ms` : '';
  const summary = `the last minute: ${minute.callsPerSecond} ${what} a second${times}`;
  return <div ref={place} class="chart" role="img" aria-label={summary} />;
}

const height = 170;

function dataOf({ seconds, calls, p50s, p95s }: Minute, hasTimes: boolean): uPlot.AlignedData {
  return [[...seconds], [...calls], ...(hasTimes ? [[...p50s], [...p95s]] : [])];
}

function optionsFor(width: number, what: string, hasTimes: boolean): uPlot.Options {
  const axis = { stroke: inkOf, grid: { stroke: '#8884', width: 1 }, ticks: { show: false } };
  return {
    width,
    height,
    padding: [8, null, null, null],
    cursor: { show: false },
    legend: { show: true, live: false },
    scales: {
      calls: { range: (_plot, _least, most) => [0, Math.max(5, most)] },
      time: { range: (_plot, _least, most) => [0, Math.max(10, most)] },
    },
    axes: [
      { ...axis, values: (_plot, ticks) => ticks.map((tick) => clockTime(tick * 1000)), space: 90, size: 30 },
      { ...axis, scale: 'calls', size: 40 },
      ...(hasTimes ? [{ ...axis, scale: 'time', side: 1, size: 50, grid: { show: false } }] : []),
    ],
    series: [
      {},
      { label: `${what}/s`, scale: 'calls', stroke: '#0891b2', fill: '#0891b233', points: { show: false } },
      ...(hasTimes ? [timeSeries('p50 ms', '#16a34a'), timeSeries('p95 ms', '#e11d48')] : []),
    ],
  };
}

function timeSeries(label: string, stroke: string): uPlot.Series {
  return { label, scale: 'time', stroke, spanGaps: true, points: { show: false } };
}

/** Asked at each drawing, because the user may change between light and dark. */
function inkOf({ root }: uPlot): string {
  return getComputedStyle(root).color;
}
