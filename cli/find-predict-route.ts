import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { ModelRow } from '../core/row.ts';
import { withContainerEnvironment } from '../gateway/invoker/container-environment.ts';
import { publishedUrl } from '../gateway/invoker/published-url.ts';
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
  const published = `--publish=127.0.0.1::${server.port}`;
  const options = ['--detach', '--rm', `--name=${name}`, published, '--label=modelwhisk.gateway=true'];
  try {
    await withContainerEnvironment(server.environment ?? {}, async ({ options: withVariables, variables }) => {
      const words = ['run', ...options, ...withVariables, image, ...(server.command ?? [])];
      return docker(words, { environment: variables });
    });
    // Rejects when the container has ended.
    const urlOf = async (): Promise<string | undefined> =>
      (await publishedUrl(async (words) => docker(words, { signal }), name, server.port))?.origin;
    const url = await readyUrl(urlOf, signal);
    return url === undefined ? undefined : await tryRoutes(url, predict);
  } catch {
    signal.throwIfAborted();
    return undefined;
  } finally {
    await docker(['rm', '--force', '--volumes', name]).catch(() => undefined);
  }
}

/** Waits until the server answers anything. Undefined if it does not in time. */
async function readyUrl(urlOf: () => Promise<string | undefined>, signal: AbortSignal): Promise<string | undefined> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(startLimit)]);
  while (!deadline.aborted) {
    const url = await urlOf();
    if (url !== undefined && (await statusOf('GET', url)) !== undefined) return url;
    await delay(200, undefined, { signal: deadline }).catch(() => undefined);
  }
  return undefined;
}
