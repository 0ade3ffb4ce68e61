import * as z from 'zod';

import { RegistryError, TransientError } from './errors.ts';
import { parseJson } from './json.ts';
import { credentialsRefused, loginCommand, notLoggedIn } from './login-errors.ts';
import { readBody, type HttpResponse } from './transport.ts';

/**
 * The error for an unexpected answer: TransientError if sending again may help, else RegistryError with a hint. Reads
 * the answer's body. The temporary failures are the same as in go-containerregistry and jib.
 *
 * @param what names the thing asked for, for example "quay.io/codait/x:v1"
 * @param login the identity that the request stated
 */
export async function responseError(
  response: HttpResponse,
  registry: string,
  what: string,
  login: Login = { as: 'somebody', toPush: false },
): Promise<Error> {
  const { codes, text, digests } = await readErrors(response);
  const { status } = response;
  const said = text === '' ? '' : `: ${text}`;
  if (status === 429 || codes.includes('TOOMANYREQUESTS')) return rateLimited(response, registry, text);
  if (isTransient(status, codes)) {
    const { retryAfter } = retryAfterOf(response);
    if (retryAfter !== undefined && retryAfter > longestPause) return closedForLong(registry, status, retryAfter);
    return new TransientError(`${what} was answered with ${status}${said}`, {
      status,
      ...(retryAfter !== undefined && { retryAfter }),
    });
  }
  if ((status === 401 || status === 403) && login.as === 'nobody' && login.toPush) return notLoggedIn(registry, status);
  if (status === 401 && login.as === 'user of a password') return credentialsRefused(registry, status);
  const detail = { status, digests };
  switch (status) {
    case 401:
      return new RegistryError('REGISTRY_UNAUTHORIZED', `${what} does not exist or is not open to you${said}`, {
        ...detail,
        hint: `check the name; if it is private, log in: ${loginCommand(registry)}`,
      });
    case 403:
      return new RegistryError('REGISTRY_DENIED', `${what} is forbidden to you${said}`, {
        ...detail,
        hint: 'the account you are logged in with lacks the right; to push, an access token needs Read & Write',
      });
    case 404:
      return new RegistryError('REGISTRY_NOT_FOUND', `${what} does not exist${said}`, {
        ...detail,
        hint: 'check the name and the tag',
      });
    case 407:
      return new RegistryError('REGISTRY_DENIED', `the proxy on the way to ${registry} wants to know who you are`, {
        status,
        hint: 'give HTTPS_PROXY as http://USER:PASSWORD@HOST:PORT',
      });
    default:
      return new RegistryError('REGISTRY_PROTOCOL', `${what} was answered with ${status}${said}`, detail);
  }
}

/**
 * The identity that a request stated: none, though the registry requires one; a user with a password; or "somebody",
 * if a token was sent or the registry requires nothing.
 */
export interface Login {
  readonly as: 'nobody' | 'user of a password' | 'somebody';
  readonly toPush: boolean;
}

const transientStatuses = new Set([408, 425, 499, 500, 502, 503, 504, 522]);
const errorBodyLimit = 65_536;
/** A longer wait becomes an error. */
const longestPause = 120_000;

const errorBody = z.looseObject({
  errors: z.array(z.looseObject({ code: z.string(), message: z.string().nullish(), detail: z.unknown().optional() })),
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

function isTransient(status: number, codes: readonly string[]): boolean {
  if (transientStatuses.has(status)) return true;
  // Upload sessions are lost sometimes; a new one helps (GoogleContainerTools/jib issue 4301).
  if (codes.includes('BLOB_UPLOAD_INVALID') || codes.includes('BLOB_UPLOAD_UNKNOWN')) return true;
  const vague = codes.includes('UNKNOWN') || codes.includes('UNAVAILABLE');
  return vague && ![401, 403, 404].includes(status);
}

function closedForLong(registry: string, status: number, retryAfter: number): RegistryError {
  return new RegistryError(
    'REGISTRY_UNAVAILABLE',
    `${registry} answered ${status}; it asks to wait ${inWords(retryAfter)}`,
    { status, hint: 'try again later' },
  );
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
    hint: `log in (${loginCommand(registry)}), which raises the limit, or try again later`,
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

/** One line of ASCII without credentials, which registries and proxies sometimes quote. */
function printable(text: string): string {
  return text
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .replaceAll(/\b(basic|bearer)\s+[\w.~+/=-]+/gi, '$1 …')
    .trim()
    .slice(0, 200);
}
