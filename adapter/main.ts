import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, ModelwhiskError } from '../core/errors.ts';
import { GiveUp } from './call/give-up.ts';
import { startLine } from './call/log.ts';
import type { Traces } from './call/traces.ts';
import { ModelServerError, operatorMessage } from './errors.ts';
import { parseFetchPolicy } from './fetch/policy.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { ModelServer } from './model/model-server.ts';
import { optimizeEarly } from './optimize-early.ts';
import type { RunningPlatform } from './platforms/platform.ts';
import { platforms } from './platforms/platforms.ts';
import { prepareModel } from './prepare-model.ts';
import { leaveWorkerEnvironment, modelEnvironment } from './settings/model-environment.ts';
import { readConfiguration, type Configuration } from './settings/settings.ts';
import { shutDownOnSignal } from './shut-down.ts';
import { createTraces } from './traces/traces.ts';
import { adapterVersion } from './version.ts';

// Calls are answered also when nobody reads the log any more.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
leaveWorkerEnvironment();
// A copy, because process.env will be without the adapter's variables while an Express app runs.
const environment = { ...process.env };

void main().catch(async (error: unknown) => {
  reportFailure(error);
  for (const platform of platforms) await platform.reportFailedStart?.(environment, error);
  // Not only process.exitCode: anything that the model server left running would keep the process alive.
  process.exit(1);
});

function reportFailure(error: unknown): void {
  console.error(`modelwhisk: ${operatorMessage(error)}`);
  if (error instanceof ModelwhiskError && error.hint !== undefined) console.error(`  ${error.hint}`);
}

/**
 * Starts the model server, then the platform's server. The port is opened only when calls can be answered, or when the
 * platform would not wait longer.
 */
async function main(): Promise<void> {
  const configuration = await readConfiguration(environment, process.argv.slice(2));
  const { platform, row, log } = configuration;
  const start = { version: adapterVersion, platform: platform.name, model: row.name };
  if (log === 'json') process.stdout.write(startLine(start));
  const fetchPolicy = parseFetchPolicy(environment);
  const variables = modelEnvironment(environment, configuration);
  const metrics = await prepareMetrics(configuration);
  // Before an Express app has changed process.env.
  const traces = await prepareTraces(configuration);
  // Before the app in this process listens to signals, and before anything slow: this is process 1 of the container, which
  // by default ignores them.
  let model: ModelServer | undefined;
  let running: RunningPlatform | undefined;
  const cut = new GiveUp();
  const stopping = shutDownOnSignal({
    stopSignal: configuration.base.stopSignal,
    drainTimeout: configuration.drainTimeout,
    drain: async () => {
      await running?.close();
      await model?.close();
      await traces.close(timeForSpans);
    },
    cut: () => cut.abort(),
  });
  model = await prepareModel(configuration, variables, fetchPolicy, metrics?.modelRestarted);
  if (metrics !== undefined) await openMetrics(configuration, metrics, model);
  const ready = model.ready().then(() => undefined, asStartFailure);
  // The platform loads while the model server starts.
  await model.launched;
  const startPlatform = await platform.load();
  const started = await Promise.race([ready, passed(platform.listenDeadline(environment))]);
  if (stopping.aborted) return;
  const isWaiting = started === 'time has passed';
  if (isWaiting) {
    console.log('modelwhisk: the model server is still starting; calls wait for it');
    void ready.then((failure) => failure === undefined || stopping.aborted || reportFailure(failure));
  }
  running = await startPlatform({
    configuration,
    cut,
    environment,
    row,
    model,
    fetchPolicy,
    observer: metrics?.calls,
    traces,
    startFailure: isWaiting ? undefined : started,
  });
  await optimizeEarly();
}

/** Milliseconds for the last spans when the container is stopped. */
const timeForSpans = 1000;

async function prepareTraces({ platform, row }: Configuration): Promise<Traces> {
  const routes = [row.predict.path, ...row.routes.map(({ path }) => path)];
  const freezes = platform.freezes === true;
  return createTraces(environment, { service: row.name, version: adapterVersion, routes, freezes });
}

async function prepareMetrics({ metricsPort }: Configuration): Promise<Metrics | undefined> {
  if (metricsPort === undefined) return undefined;
  const { createMetrics } = await import('./metrics/metrics.ts');
  return createMetrics(adapterVersion);
}

async function openMetrics(
  { metricsPort: port = 0, address }: Configuration,
  metrics: Metrics,
  model: ModelServer,
): Promise<void> {
  const { serveMetrics } = await import('./metrics/server.ts');
  await serveMetrics({ port, address }, metrics, model);
}

/** Resolves after this time. Undefined means never. */
async function passed(milliseconds: number | undefined): Promise<'time has passed'> {
  if (milliseconds === undefined) return new Promise(() => undefined);
  return sleep(milliseconds, 'time has passed', { ref: false });
}

/** The platform's server still starts after a failed start, because the platform gets the error from there. */
function asStartFailure(error: unknown): ModelServerError {
  if (error instanceof ModelServerError) return error;
  return new ModelServerError('MODEL_START', messageOf(error), { cause: error });
}
