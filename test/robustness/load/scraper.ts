import { setTimeout as sleep } from 'node:timers/promises';
import parsePrometheusTextFormat from 'parse-prometheus-text-format';
import { messageOf } from '../../../core/errors.ts';

/** What was seen of `/metrics` during a load. */
export interface Scrapes {
  readonly count: number;
  /** What was wrong, one line each. */
  readonly faults: readonly string[];
  /** Calls that the last scrape has counted, and those in progress. */
  readonly calls: number;
  readonly inProgress: number;
}

/** Scrapes `/metrics` again and again, as Prometheus does, with a parser of its text format. */
export function startScraper(port: number): { readonly stop: () => Promise<Scrapes> } {
  const faults: string[] = [];
  const stopping = new AbortController();
  let count = 0;
  let last: Samples = new Map();
  const scrape = async (): Promise<void> => {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`);
    const text = await response.text();
    const samples = samplesIn(text);
    faults.push(...wrongIn(samples, last).map((fault) => `scrape ${count}: ${fault}`));
    if (!response.headers.get('content-type')?.startsWith('text/plain; version=0.0.4'))
      faults.push('another media type');
    last = samples;
    count += 1;
  };
  const scraping = (async () => {
    while (!stopping.signal.aborted) {
      await scrape().catch((error: unknown) => faults.push(`scrape ${count}: ${messageOf(error)}`));
      await sleep(20);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await scraping;
      await scrape();
      const sum = (name: string): number =>
        [...last].filter(([key]) => key.split('{')[0] === name).reduce((total, [, value]) => total + value, 0);
      return { count, faults, calls: sum('modelwhisk_calls_total'), inProgress: sum('modelwhisk_calls_in_progress') };
    },
  };
}

/** Values by name and labels. */
type Samples = ReadonlyMap<string, number>;

function samplesIn(text: string): Samples {
  const samples = new Map<string, number>();
  for (const { name, metrics } of parsePrometheusTextFormat(text)) {
    for (const { value, labels = {}, buckets, count, sum } of metrics) {
      const key = `${name}${Object.keys(labels).length === 0 ? '' : JSON.stringify(labels)}`;
      if (value !== undefined) samples.set(key, Number(value));
      for (const [bound, below] of Object.entries(buckets ?? {})) samples.set(`${key} ${bound}`, Number(below));
      if (count !== undefined) samples.set(`${key} count`, Number(count));
      if (sum !== undefined) samples.set(`${key} sum`, Number(sum));
    }
  }
  return samples;
}

/** The rules of counters and histograms that a parser does not check (prometheus.io/docs/concepts/metric_types). */
function wrongIn(samples: Samples, before: Samples): readonly string[] {
  const faults: string[] = [];
  if (!samples.has('modelwhisk_calls_in_progress')) faults.push('no modelwhisk_calls_in_progress');
  for (const [key, value] of samples) {
    const isGauge = key === 'modelwhisk_calls_in_progress';
    if (!Number.isFinite(value) || value < 0) faults.push(`${key} is ${value}`);
    if (!isGauge && value < (before.get(key) ?? 0)) faults.push(`${key} went down to ${value}`);
  }
  for (const name of ['modelwhisk_call_seconds', 'modelwhisk_model_seconds', 'modelwhisk_adapter_seconds']) {
    const below = [...samples].flatMap(([key, value]) => {
      const [, bound] = key.startsWith(`${name} `) ? key.split(' ') : [];
      return bound === undefined || /^[a-z]/.test(bound)
        ? []
        : [{ bound: Number(bound.replace('+Inf', 'Infinity')), value }];
    });
    const counts = below.toSorted((one, other) => one.bound - other.bound).map(({ value }) => value);
    if (counts.some((value, index) => value < (counts[index - 1] ?? 0))) faults.push(`${name}: buckets go down`);
    if (samples.get(`${name} +Inf`) !== samples.get(`${name} count`)) faults.push(`${name}: +Inf is not the count`);
  }
  return faults;
}
