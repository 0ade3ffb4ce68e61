import type { FetchPolicy } from './fetch/policy.ts';
import type { ModelServer } from './model/model-server.ts';
import { enterModelEnvironment } from './settings/model-environment.ts';
import type { Configuration } from './settings/settings.ts';

/**
 * Starts the model server of the configuration: after its archive if it has one, with batches and a warm-up in front of
 * it if the row or the settings have them. Each of these is loaded only if it is needed. A server that does not start
 * rejects later, see ModelServer.ready.
 *
 * @param variables environment of the model server
 * @param onRestart called each time that it is restarted
 */
export async function prepareModel(
  configuration: Configuration,
  variables: Record<string, string>,
  policy: FetchPolicy,
  onRestart: (() => void) | undefined,
): Promise<ModelServer> {
  const model = await startModelServer(configuration, variables, policy, onRestart);
  return warmedUp(await withBatches(model, configuration), configuration);
}

async function startModelServer(
  configuration: Configuration,
  variables: Record<string, string>,
  policy: FetchPolicy,
  onRestart: (() => void) | undefined,
): Promise<ModelServer> {
  const { archive, modelDirectory, modelVariable } = configuration;
  if (modelDirectory !== undefined) {
    return createModelServer(configuration, { ...variables, [modelVariable]: modelDirectory }, onRestart);
  }
  if (archive === undefined) return createModelServer(configuration, variables, onRestart);
  const { createAfterArchive } = await import('./model/after-archive.ts');
  return createAfterArchive(archive, policy, variables, () => createModelServer(configuration, variables, onRestart));
}

async function withBatches(model: ModelServer, { row, batch, maximumBody }: Configuration): Promise<ModelServer> {
  if (row.batch === undefined || batch === 'off') return model;
  const { batchingModel } = await import('./batch/batching-model.ts');
  return batchingModel(model, row.batch, maximumBody);
}

async function warmedUp(model: ModelServer, { warmUp }: Configuration): Promise<ModelServer> {
  if (warmUp === undefined) return model;
  const { withWarmUp } = await import('./model/warm-up.ts');
  return withWarmUp(model, warmUp);
}

async function createModelServer(
  { row: { server }, base, log, maximumBody }: Configuration,
  variables: Readonly<Record<string, string>>,
  onRestart: (() => void) | undefined,
): Promise<ModelServer> {
  switch (server.kind) {
    case 'express': {
      const { createExpressModelServer } = await import('./model/express.ts');
      enterModelEnvironment(variables);
      return createExpressModelServer(server);
    }
    case 'http': {
      const { createHttpModelServer } = await import('./model/http.ts');
      const { forwardOutput } = await import('./model/http/forward-output.ts');
      return createHttpModelServer({
        server,
        base,
        environment: variables,
        log: (line) => console.log(line),
        forward: forwardOutput(log),
        maximumBody,
        onRestart,
      });
    }
  }
}
