import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, ModelwhiskError } from '../core/errors.ts';
import { ModelServerError } from './errors.ts';
import { type FetchPolicy, parseFetchPolicy } from './fetch/policy.ts';
import type { ModelServer } from './model/model-server.ts';
import type { RunningPlatform } from './platforms/platform.ts';
import { platforms } from './platforms/platforms.ts';
import { modelEnvironment } from './settings/model-environment.ts';
import { readConfiguration, type Configuration } from './settings/settings.ts';

void main().catch(async (error: unknown) => {
  console.error(`modelwhisk: ${messageOf(error)}`);
  if (error instanceof ModelwhiskError && error.hint !== undefined) console.error(`  ${error.hint}`);
  for (const platform of platforms) await platform.reportFailedStart?.(process.env, error);
  // Not only the exit code: what the model server left running would keep the process, and the container, alive.
  process.exit(1);
});

/**
 * Starts the model server, then the platform's front door: the port is bound only once calls can be answered, or once
 * the platform would wait no longer.
 */
async function main(): Promise<void> {
  const configuration = await readConfiguration(process.env);
  const { platform, row } = configuration;
  const fetchPolicy = parseFetchPolicy(process.env);
  const model = await prepareModelServer(configuration, fetchPolicy);
  // Before anything that takes time: as process 1 of a container, nobody else would act on the signal.
  const running = { model, platform: undefined as RunningPlatform | undefined };
  shutDownOnSignal(running, configuration.drainTimeout);
  const ready = model.ready().then(() => undefined, asStartFailure);
  // While the model server loads, there is time for the platform.
  await model.launched;
  const startPlatform = await platform.load();
  const startFailure = await Promise.race([ready, passed(platform.listenDeadline(process.env))]);
  running.platform = await startPlatform({
    configuration,
    environment: process.env,
    row,
    model,
    fetchPolicy,
    startFailure,
  });
}

async function prepareModelServer(configuration: Configuration, policy: FetchPolicy): Promise<ModelServer> {
  const { archive } = configuration;
  if (archive === undefined) return createModelServer(configuration);
  const { createAfterArchive } = await import('./model/after-archive.ts');
  return createAfterArchive(archive, policy, process.env, () => createModelServer(configuration));
}

async function createModelServer({ row: { server }, base }: Configuration): Promise<ModelServer> {
  switch (server.kind) {
    case 'express': {
      const { createExpressModelServer } = await import('./model/express.ts');
      return createExpressModelServer(server);
    }
    case 'http': {
      const { createHttpModelServer } = await import('./model/http.ts');
      return createHttpModelServer({
        server,
        base,
        environment: modelEnvironment(process.env),
        log: (line) => console.log(line),
      });
    }
  }
}

/** Resolves once so many milliseconds have passed; never, where there is no limit. */
async function passed(milliseconds: number | undefined): Promise<undefined> {
  if (milliseconds === undefined) return new Promise(() => undefined);
  await sleep(milliseconds, undefined, { ref: false });
}

/** The front door opens all the same: it is where the platform asks, and hears, what went wrong. */
function asStartFailure(error: unknown): ModelServerError {
  if (error instanceof ModelServerError) return error;
  return new ModelServerError('MODEL_START', messageOf(error), { cause: error });
}

function shutDownOnSignal(
  running: { readonly model: ModelServer; readonly platform: RunningPlatform | undefined },
  drainTimeout: number,
): void {
  const drain = async (): Promise<void> => {
    await running.platform?.close();
    await running.model.close();
  };
  const stop = (): void => {
    setTimeout(() => process.exit(0), drainTimeout);
    drain()
      .catch((error: unknown) => console.error(messageOf(error)))
      .finally(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}
