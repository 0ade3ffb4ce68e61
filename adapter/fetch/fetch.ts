import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import fetch, { type Response } from 'node-fetch';
import { codeOf, messageOf } from '../../core/errors.ts';
import { CallerError } from '../errors.ts';
import { publicAgent, refusedAddressCode, unrestrictedAgent } from './agent.ts';
import { allowsPrivateAddress, type WebPolicy } from './policy.ts';
import { readResource, type InputFile, type ReadReply } from './resource.ts';
import { fetchableUrl, filenameOf, redacted } from './url.ts';
import { withinTime } from './time-limit.ts';
import type { CallSignal } from '../http/message.ts';

/**
 * Fetches a resource for a caller who may be anybody: http and https only, public addresses only (but for
 * `policy.allowHosts`), no credentials in the URL, each redirect checked like the first URL, size and time limited.
 *
 * Rejects with CallerError: 400 for a URL that is none, 403 for one that may not be fetched, 413 past the size limit,
 * 502 when its server fails or answers with anything but success, 504 past the time limit or once `signal` is aborted.
 * The file name is the last segment of the path, where that has an extension.
 * No message holds the query of a URL, which may be a signature, or an address that a name resolved to.
 *
 * @param lookup resolves host names, as `dns.lookup`
 */
export async function fetchUrl(
  url: string,
  policy: WebPolicy,
  signal: CallSignal,
  lookup: LookupFunction = systemLookup,
): Promise<InputFile> {
  const read: ReadReply<InputFile> = (response, name, filename) =>
    readResource(response, name, filename, policy.maximumBytes);
  return fetchUrlAs(url, policy, signal, read, lookup);
}

/** As fetchUrl, for whatever `read` makes of the successful reply, size limit included. */
export async function fetchUrlAs<Result>(
  url: string,
  policy: WebPolicy,
  signal: CallSignal,
  read: ReadReply<Result>,
  lookup: LookupFunction = systemLookup,
): Promise<Result> {
  let target = fetchableUrl(url);
  try {
    return await withinTime(
      policy,
      signal,
      () => redacted(target),
      async (limited) => {
        for (let redirects = 0; redirects <= policy.maximumRedirects; redirects += 1) {
          const outcome = await fetchOnce(target, policy, limited, read, lookup);
          if (!(outcome instanceof URL)) return outcome.result;
          target = outcome;
        }
        throw new CallerError(502, 'INPUT', `${redacted(url)} redirects more than ${policy.maximumRedirects} times`);
      },
    );
  } catch (error) {
    throw error instanceof CallerError ? error : failure(error, target);
  }
}

/** One request: the resource, or where it redirects to. */
async function fetchOnce<Result>(
  url: URL,
  policy: WebPolicy,
  signal: AbortSignal,
  read: ReadReply<Result>,
  lookup: LookupFunction,
): Promise<{ readonly result: Result } | URL> {
  const agent = allowsPrivateAddress(url, policy) ? unrestrictedAgent(url, lookup) : publicAgent(url, lookup);
  try {
    const response = await fetch(url.href, {
      agent,
      signal,
      redirect: 'manual',
      // node-fetch's own decoding lets a truncated body pass; body.ts decodes what a server encodes unasked.
      compress: false,
      headers: { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'modelwhisk' },
    });
    return redirectTarget(response, url) ?? { result: await resource(response, url, read) };
  } finally {
    agent.destroy();
  }
}

function redirectTarget(response: Response, url: URL): URL | undefined {
  const location = response.headers.get('location');
  if (location === null || !redirectStatuses.has(response.status)) return undefined;
  // Headers are read as Latin-1, but what servers write into this one beyond ASCII is UTF-8.
  return fetchableUrl(Buffer.from(location, 'latin1').toString(), url);
}

async function resource<Result>(response: Response, url: URL, read: ReadReply<Result>): Promise<Result> {
  if (!response.ok)
    throw new CallerError(502, 'INPUT', `${redacted(url)} answered ${response.status} ${response.statusText}`);
  return read(response, redacted(url), filenameOf(url));
}

const redirectStatuses = new Set([301, 302, 303, 307, 308]);

function failure(error: unknown, url: URL): CallerError {
  const code = codeOf(error);
  if (code === refusedAddressCode) {
    return new CallerError(403, 'INPUT', `${redacted(url)} is refused: ${url.hostname} has no public address`, {
      hint: `set MODELWHISK_FETCH_ALLOW_HOSTS=${url.host} to allow it`,
    });
  }
  // node-fetch's messages hold the whole URL, so the error itself is not kept as the cause.
  const reason = code ?? messageOf(error).replaceAll(url.href, redacted(url));
  return new CallerError(502, 'INPUT', `${redacted(url)} could not be fetched: ${reason}`);
}
