import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { ModelRow } from '../core/row.ts';
import type { Docker } from '../image/engines/docker/command.ts';
import { parsePredict, predictRoute } from '../image/catalogue/route-flags.ts';
import { digitsSample } from './digits.ts';

type HttpServer = Extract<ModelRow['server'], { kind: 'http' }>;

/** Milliseconds that the server has for its start. A model that loads longer is not asked. */
const startLimit = 60_000;

/** Milliseconds for one answer. */
const answerLimit = 20_000;

/** Where model servers without a standard of their own predict, the most usual first. */
const usualPaths = [
  '/predict',
  '/model/predict',
  '/invocations',
  '/classify',
  '/infer',
  '/inference',
  '/score',
  '/generate',
  '/api/predict',
  '/v1/predict',
  '/',
];

/** What `findPredictRoute` has found. */
export interface FoundRoute {
  /** As `--predict` says it. */
  readonly flag: string;
  readonly predict: object;
  /** Status of the answer to a try. */
  readonly status: number;
}

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

async function tryRoutes(url: string, guessed: ModelRow['predict']): Promise<FoundRoute | undefined> {
  for (const path of new Set([guessed.path, ...usualPaths])) {
    const status = await statusOf('POST', `${url}${path}`, '{}', { 'Content-Type': 'application/json' });
    if (status === undefined || [404, 405, 501].includes(status)) continue;
    const isGuess = path === guessed.path;
    if (isGuess && guessed.input.kind === 'json') return undefined;
    if (status < 300) return found(`POST ${path} json`, status);
    const fields = isGuess && guessed.input.kind === 'file' ? [guessed.input.field] : ['image', 'file'];
    for (const field of fields) {
      const withPicture = await postPicture(`${url}${path}`, field);
      if (withPicture !== undefined && withPicture < 300)
        return isGuess ? undefined : found(`POST ${path} file:${field}`, withPicture);
    }
    return isGuess ? undefined : found(`POST ${path} json`, status);
  }
  return undefined;
}

function found(flag: string, status: number): FoundRoute {
  const route = predictRoute(parsePredict(flag), undefined);
  if (!flag.includes(' file:')) return { flag, predict: route, status };
  const field = flag.replace(/^.*:/, '');
  const input = { kind: 'file', field, filename: 'image.png', contentType: 'image/png' };
  return { flag, predict: { ...route, input }, status };
}

async function postPicture(url: string, field: string): Promise<number | undefined> {
  const form = new FormData();
  form.append(field, new Blob([await readFile(digitsSample)], { type: 'image/png' }), 'image.png');
  const encoded = new Response(form);
  const headers = { 'Content-Type': encoded.headers.get('content-type') ?? '' };
  return statusOf('POST', url, Buffer.from(await encoded.arrayBuffer()), headers);
}

/**
 * The status of the answer. Undefined without one. Not by fetch, which never ends in Node.js 20 if a connection is
 * accepted and closed, as Docker does for a server that does not listen yet.
 */
function statusOf(
  method: string,
  url: string,
  body: Buffer | string = '',
  headers: Record<string, string> = {},
): Promise<number | undefined> {
  return new Promise((resolve) => {
    const sent = request(url, { method, headers, agent: false, timeout: answerLimit });
    sent.once('response', (response) => {
      response.destroy();
      resolve(response.statusCode);
    });
    sent.once('timeout', () => sent.destroy());
    sent.on('error', () => resolve(undefined));
    sent.once('close', () => resolve(undefined));
    sent.end(body);
  });
}
