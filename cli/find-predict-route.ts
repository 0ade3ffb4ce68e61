import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { ModelRow } from '../core/row.ts';
import type { Docker } from '../image/engines/docker/command.ts';
import { type FoundRoute, statusOf, tryRoutes } from './try-routes.ts';

type HttpServer = Extract<ModelRow['server'], { kind: 'http' }>;

/** Milliseconds that the server has for its start. A model that loads longer is not asked. */
const startLimit = 60_000;

/**
 * Starts an image's own server for a moment and looks for its predict route: by POST to the guessed path and the usual
 * ones, with an empty JSON object and then with a picture. Undefined if the guess is as good, if nothing was found, or
 * if the server does not start.
 */
export async function findPredictRoute(
  { image, server, predict }: { image: string; server: HttpServer; predict: ModelRow['predict'] },
  docker: Docker,
  signal: AbortSignal,
): Promise<FoundRoute | undefined> {
  const name = `modelwhisk-${randomBytes(6).toString('hex')}`;
  try {
    const variables = Object.entries(server.environment ?? {}).flatMap(([key, value]) => ['--env', `${key}=${value}`]);
    const options = ['--detach', '--rm', `--name=${name}`, `--publish=127.0.0.1::${server.port}`];
    await docker([
      'run',
      ...options,
      '--label=modelwhisk.gateway=true',
      ...variables,
      image,
      ...(server.command ?? []),
    ]);
    // Rejects when the container has ended.
    const address = async (): Promise<string> => {
      const published = await docker(['port', name, `${server.port}/tcp`], { signal });
      return `http://127.0.0.1:${/:(\d+)$/m.exec(published)?.[1]}`;
    };
    return (await isReady(address, signal)) ? await tryRoutes(await address(), predict) : undefined;
  } catch {
    signal.throwIfAborted();
    return undefined;
  } finally {
    await docker(['rm', '--force', '--volumes', name]).catch(() => undefined);
  }
}

/** Any answer will do. */
async function isReady(address: () => Promise<string>, signal: AbortSignal): Promise<boolean> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(startLimit)]);
  while (!deadline.aborted) {
    if ((await statusOf('GET', await address())) !== undefined) return true;
    await delay(200, undefined, { signal: deadline }).catch(() => undefined);
  }
  return false;
}
