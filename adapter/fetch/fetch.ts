import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import fetch, { type Response } from 'node-fetch';
import { codeOf, messageOf } from '../../core/errors.ts';
import { CallerError } from '../errors.ts';
import { publicAgent, refusedAddressCode, unrestrictedAgent } from './agent.ts';
import { allowsPrivateAddress, type WebPolicy } from './policy.ts';
import { fileReader, type InputFile, type ReadReply } from './resource.ts';
import { fetchableUrl, filenameOf, redacted } from './url.ts';
import { withinTime } from './time-limit.ts';
import type { CallSignal } from '../http/message.ts';

/**
 * Fetches a resource for an untrusted caller: only http and https, only public addresses (except `policy.allowHosts`),
 * no credentials in the URL, every redirect checked like the first URL, size and time limited. The file name is the
 * last segment of the path, if that has an extension.
 *
 * Rejects with CallerError: 400 for a malformed URL, 403 for a refused URL, 413 over the size limit, 502 if the server
 * fails or does not answer with success, 504 after the time limit or if `signal` is aborted. Messages contain neither
 * the query of a URL, which may be a signature, nor the address of a host name.
 *
 * @param lookup resolves host names like `dns.lookup`
 */
export async function fetchUrl(
  url: string,
  policy: WebPolicy,
  signal: CallSignal,
  lookup: LookupFunction = systemLookup,
): Promise<InputFile> {
  return fetchUrlAs(url, policy, signal, fileReader(policy.maximumBytes), lookup);
}

/** Like fetchUrl, but `read` turns the successful reply into the result. It also has to limit the size. */
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

/** Sends one request. Returns the result, or the target of a redirect. */
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
      // node-fetch does not detect a truncated compressed body, so body.ts decodes what a server encodes unasked.
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
  // Node.js reads headers as Latin-1, but servers write UTF-8 here.
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
  // node-fetch's messages contain the whole URL, so the error is not kept as the cause.
  const reason = code ?? messageOf(error).replaceAll(url.href, redacted(url));
  return new CallerError(502, 'INPUT', `${redacted(url)} could not be fetched: ${reason}`);
}
