import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { CallObserver } from '../call/observer.ts';

/** The adapter's metrics, and what must be reported for them. */
export interface Metrics {
  readonly calls: CallObserver;
  readonly modelRestarted: () => void;
  /** All of them in Prometheus's text format, with its media type. */
  read(): Promise<{ readonly contentType: string; readonly text: string }>;
}

/** @param version of the adapter */
export function createMetrics(version: string): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const histogram = (name: string, help: string): Histogram => new Histogram({ name, help, buckets, registers });
  const counter = (name: string, help: string): Counter => new Counter({ name, help, registers });
  const calls = new Counter({
    name: 'modelwhisk_calls_total',
    help: 'Calls that have ended, by the status that the caller got',
    labelNames: ['status'],
    registers,
  });
  const inProgress = new Gauge({ name: 'modelwhisk_calls_in_progress', help: 'Calls that have not ended', registers });
  const whole = histogram('modelwhisk_call_seconds', 'Time from the event to the last byte of the reply');
  const model = histogram('modelwhisk_model_seconds', 'Share of the model server in that time');
  const adapter = histogram('modelwhisk_adapter_seconds', 'Share of the adapter in that time');
  const received = counter('modelwhisk_request_bytes_total', 'Bytes of request bodies for the model server');
  const sent = counter('modelwhisk_reply_bytes_total', 'Bytes of reply bodies that callers got');
  const restarts = counter('modelwhisk_model_restarts_total', 'Restarts of the model server after it died or hung');
  const info = new Gauge({
    name: 'modelwhisk_info',
    help: 'Version of the adapter',
    labelNames: ['version'],
    registers,
  });
  info.set({ version }, 1);
  return {
    calls: {
      began: () => inProgress.inc(),
      ended: ({ status, milliseconds, modelMilliseconds, bytesIn, bytesOut }) => {
        inProgress.dec();
        calls.inc({ status: String(status) });
        whole.observe(milliseconds / 1000);
        model.observe(modelMilliseconds / 1000);
        adapter.observe(Math.max(milliseconds - modelMilliseconds, 0) / 1000);
        received.inc(bytesIn);
        sent.inc(bytesOut);
      },
    },
    modelRestarted: () => restarts.inc(),
    read: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}

/** In seconds: the adapter takes less than a millisecond, and models up to minutes. */
const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
