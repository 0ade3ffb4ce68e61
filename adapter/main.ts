import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, ModelwhiskError } from '../core/errors.ts';
import { readConfiguration, type Configuration } from './config.ts';
import { type FetchPolicy, parseFetchPolicy } from './fetch/policy.ts';
import { ModelServerError } from './model/errors.ts';
import type { ModelServer } from './model/model-server.ts';
import type { PlatformContext, RunningPlatform } from './platform.ts';
import { startPatience } from './platforms/detect.ts';

await main().catch(async (error: unknown) => {
  console.error(`modelwhisk: ${messageOf(error)}`);
  if (error instanceof ModelwhiskError && error.hint !== undefined) console.error(`  ${error.hint}`);
  const { reportFailedStart } = await import('./platforms/lambda/failed-start.ts');
  await reportFailedStart(process.env, error);
  // Not only the exit code: what the model server left running would keep the process, and the container, alive.
  process.exit(1);
});

/**
 * Starts the model server, then the platform's front door: the port is bound only once calls can be answered, or once
 * the platform would wait no longer.
 */
async function main(): Promise<void> {
  const configuration = readConfiguration(process.env);
  const fetchPolicy = parseFetchPolicy(process.env);
  const model = await prepareModelServer(configuration, fetchPolicy);
  // Before anything that takes time: as process 1 of a container, nobody else would act on the signal.
  const running = { model, platform: undefined as RunningPlatform | undefined };
  shutDownOnSignal(running, configuration.drainTimeout);
  const startFailure = await Promise.race([
    model.ready().then(() => undefined, asStartFailure),
    patience(startPatience(configuration.platform, process.env)),
  ]);
  const row = configuration.model;
  const context = { configuration, environment: process.env, row, model, fetchPolicy, startFailure };
  running.platform = await startPlatform(context);
}

async function prepareModelServer(configuration: Configuration, policy: FetchPolicy): Promise<ModelServer> {
  const { archive } = configuration;
  if (archive === undefined) return createModelServer(configuration);
  const { createAfterArchive } = await import('./archive/model-server.ts');
  return createAfterArchive(archive, policy, process.env, () => createModelServer(configuration));
}

async function createModelServer({ model, base }: Configuration): Promise<ModelServer> {
  const { server } = model;
  switch (server.kind) {
    case 'express': {
      const { createExpressModelServer } = await import('./model/express.ts');
      return createExpressModelServer(server);
    }
    case 'http': {
      const { createHttpModelServer } = await import('./model/http.ts');
      return createHttpModelServer({ server, base, environment: process.env, log: (line) => console.log(line) });
    }
  }
}

async function startPlatform(context: PlatformContext): Promise<RunningPlatform> {
  switch (context.configuration.platform) {
    case 'openwhisk': {
      const { startOpenWhisk } = await import('./platforms/openwhisk/server.ts');
      return await startOpenWhisk(context);
    }
    case 'lambda': {
      const { startLambda } = await import('./platforms/lambda/server.ts');
      return await startLambda(context);
    }
    case 'azure': {
      const { startAzure } = await import('./platforms/azure/server.ts');
      return await startAzure(context);
    }
    case 'scf': {
      const { startScf } = await import('./platforms/scf/server.ts');
      return await startScf(context);
    }
    case 'http': {
      const { startHttp } = await import('./platforms/http/server.ts');
      return await startHttp(context);
    }
  }
}

async function patience(milliseconds: number | undefined): Promise<undefined> {
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
