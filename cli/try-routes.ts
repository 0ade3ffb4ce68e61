import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import type { ModelRow } from '../core/row.ts';
import { parsePredict, predictRoute } from '../image/catalogue/route-flags.ts';
import { digitsSample } from './digits.ts';

/** A predict route that a server was found to have. */
export interface FoundRoute {
  /** As `--predict` says it. */
  readonly flag: string;
  readonly predict: object;
  /** Status of the answer to a try. */
  readonly status: number;
}

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

/** Usual names of a form's part. */
const usualFields = ['image', 'file', 'img'];

/**
 * Looks for the predict route of a server: by POST to the guessed path and the usual ones, with an empty JSON object,
 * and then with a picture, as a form or as it is. Undefined if the guess is as good, or nothing was found.
 */
export async function tryRoutes(url: string, guessed: ModelRow['predict']): Promise<FoundRoute | undefined> {
  for (const path of new Set([guessed.path, ...usualPaths])) {
    const status = await statusOf('POST', `${url}${path}`, '{}', { 'Content-Type': 'application/json' });
    if (status === undefined || [404, 405, 501].includes(status)) continue;
    const { input } = guessed;
    const isGuess = path === guessed.path;
    if (status < 300) return isGuess && input.kind === 'json' ? undefined : found(`POST ${path} json`, status);
    const guessedField = isGuess && input.kind === 'file' ? [input.field] : [];
    for (const field of new Set([...guessedField, ...usualFields])) {
      const withPicture = await postForm(`${url}${path}`, field);
      if (withPicture === undefined || withPicture >= 300) continue;
      return guessedField.includes(field) ? undefined : found(`POST ${path} file:${field}`, withPicture);
    }
    const raw = await statusOf('POST', `${url}${path}`, await readFile(digitsSample), { 'Content-Type': 'image/png' });
    if (raw !== undefined && raw < 300) return found(`POST ${path} raw:image/png`, raw);
    return isGuess ? undefined : found(`POST ${path} json`, status);
  }
  return undefined;
}

function found(flag: string, status: number): FoundRoute {
  const predict = predictRoute(parsePredict(flag), undefined);
  const [, field] = / file:(.+)$/.exec(flag) ?? [];
  if (field === undefined) return { flag, predict, status };
  const input = { kind: 'file', field, filename: 'image.png', contentType: 'image/png' };
  return { flag, predict: { ...predict, input }, status };
}

async function postForm(url: string, field: string): Promise<number | undefined> {
  const form = new FormData();
  form.append(field, new Blob([await readFile(digitsSample)], { type: 'image/png' }), 'image.png');
  const encoded = new Response(form);
  const headers = { 'Content-Type': encoded.headers.get('content-type') ?? '' };
  return statusOf('POST', url, Buffer.from(await encoded.arrayBuffer()), headers);
}

/**
 * The status of the answer. Undefined without one. Not by fetch, which never settles in Node.js 20 if a connection is
 * accepted and closed, as Docker does for a server that does not listen yet.
 */
export function statusOf(
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
