import { z } from 'zod';

import { RegistryError, TransientError } from './errors.ts';
import { parseJson } from './json.ts';
import { readBody, type HttpResponse } from './transport.ts';

/**
 * What an unwanted answer means, as the error to throw: TransientError where sending again may help, else RegistryError
 * with a hint. Reads the answer's body. The list of passing failures is that of go-containerregistry and jib.
 *
 * @param what names the thing asked for, for example "quay.io/codait/x:v1"
 */
export async function problemOf(response: HttpResponse, registry: string, what: string): Promise<Error> {
  const { codes, text, digests } = await readErrors(response);
  const { status } = response;
  const said = text === '' ? '' : `: ${text}`;
  if (status === 429 || codes.includes('TOOMANYREQUESTS')) return rateLimited(response, registry, text);
  if (
    transientStatuses.has(status) ||
    (status >= 400 && !finalStatuses.has(status) && isTransientCode(codes)) ||
    staleUpload(codes)
  ) {
    return new TransientError(`${registry} answered ${status} for ${what}${said}`, {
      status,
      ...retryAfterOf(response),
    });
  }
  const detail = { status, digests };
  switch (status) {
    case 401:
      return new RegistryError('REGISTRY_UNAUTHORIZED', `${registry} does not let you use ${what}${said}`, {
        ...detail,
        hint: `check that the name is right; if it is private or yours to push to, log in: docker login ${registry}`,
      });
    case 403:
      return new RegistryError('REGISTRY_DENIED', `${registry} forbids the use of ${what}${said}`, {
        ...detail,
        hint: 'the account you are logged in with lacks the right; an access token needs Read & Write to push',
      });
    case 404:
      return new RegistryError('REGISTRY_NOT_FOUND', `${registry} has no ${what}${said}`, {
        ...detail,
        hint: 'check the name and the tag',
      });
    default:
      return new RegistryError('REGISTRY_PROTOCOL', `${registry} answered ${status} for ${what}${said}`, detail);
  }
}

const transientStatuses = new Set([408, 425, 499, 500, 502, 503, 504, 522]);
const finalStatuses = new Set([401, 403, 404]);
const errorBodyLimit = 65_536;
/** Longer than this is told to the caller instead of slept through. */
const longestPause = 120_000;

const errorBody = z.looseObject({
  errors: z.array(z.looseObject({ code: z.string(), message: z.string().nullish(), detail: z.unknown() })),
});

async function readErrors(response: HttpResponse): Promise<{ codes: string[]; text: string; digests: string[] }> {
  const raw = await readBody(response, errorBodyLimit).then(
    (body) => body.toString('utf8'),
    () => '',
  );
  const parsed = errorBody.safeParse(parseJson(raw));
  if (!parsed.success) return { codes: [], text: printable(raw.trimStart().startsWith('<') ? '' : raw), digests: [] };
  const { errors } = parsed.data;
  const digests = JSON.stringify(errors.map(({ detail }) => detail ?? null)).match(/sha256:[0-9a-f]{64}/g) ?? [];
  const text = errors.map(({ code, message }) => printable(`${code} ${message ?? ''}`)).join(', ');
  return { codes: errors.map(({ code }) => code), text, digests: [...new Set(digests)] };
}

function isTransientCode(codes: readonly string[]): boolean {
  return codes.some((code) => code === 'UNKNOWN' || code === 'UNAVAILABLE');
}

/** GHCR and distribution lose upload sessions now and then; a new session helps (GoogleContainerTools/jib issue 4301). */
function staleUpload(codes: readonly string[]): boolean {
  return codes.some((code) => code === 'BLOB_UPLOAD_INVALID' || code === 'BLOB_UPLOAD_UNKNOWN');
}

/** Docker Hub: `ratelimit-limit: 100;w=21600`, `docker-ratelimit-source: IP or account` (docs.docker.com/docker-hub/usage). */
function rateLimited(response: HttpResponse, registry: string, text: string): Error {
  const { retryAfter } = retryAfterOf(response);
  const limit = /^(\d+)(?:;w=(\d+))?/.exec(String(response.headers['ratelimit-limit'] ?? ''));
  const pullLimit = /pull rate limit/i.test(text);
  if (!pullLimit && (retryAfter ?? 0) <= longestPause) {
    return new TransientError(`${registry} answered 429, too many requests`, {
      status: 429,
      retryAfter: retryAfter ?? 1000,
    });
  }
  const allowed = limit === null ? '' : ` (${limit[1]} per ${inWords(Number(limit[2] ?? 21_600) * 1000)})`;
  const wait = retryAfter === undefined ? '' : `; it asks to wait ${inWords(retryAfter)}`;
  return new RegistryError('REGISTRY_RATE_LIMIT', `${registry} allows no more pulls for now${allowed}${wait}`, {
    status: 429,
    hint: `log in (docker login ${registry}), which raises the limit, or try again later`,
  });
}

/** Retry-After is a number of seconds or a date (RFC 9110 section 10.2.3). */
function retryAfterOf(response: HttpResponse): { retryAfter?: number } {
  const value = response.headers['retry-after'];
  if (value === undefined) return {};
  const milliseconds = /^\s*\d+\s*$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(milliseconds) ? { retryAfter: Math.max(0, milliseconds) } : {};
}

function inWords(milliseconds: number): string {
  const minutes = Math.ceil(milliseconds / 60_000);
  return minutes >= 120 ? `${Math.round(minutes / 60)} hours` : `${minutes} minutes`;
}

function printable(text: string): string {
  return text
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, 200);
}
