import fetch, { FetchError } from 'node-fetch';
import { useAgent } from 'request-filtering-agent';
import { HttpError, invalidInput } from './errors.ts';
import { MAX_FILE } from './upload.ts';

const TIMEOUT_MS = 10_000;
const MAX_REDIRECTS = 3;

/**
 * Fetches an image for a caller who named its URL. The caller is not trusted: only http and https, no address that is
 * private, loopback, link-local or otherwise not public (checked on the address that DNS gave, at every redirect), at
 * most `MAX_FILE` bytes, three redirects and ten seconds.
 *
 * @param allowHosts hosts that may be private all the same
 */
export async function fetchImage(address: string, allowHosts: ReadonlySet<string>): Promise<Buffer> {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '') {
    throw invalidInput({ image_url: `${address.slice(0, 200)} is not an http or https URL without credentials` });
  }
  try {
    const response = await fetch(url, {
      agent: (target) => (allowHosts.has(target.hostname.toLowerCase()) ? undefined : useAgent(target.href)),
      follow: MAX_REDIRECTS,
      size: MAX_FILE,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: { accept: 'image/png, image/jpeg, image/bmp, image/gif' },
    });
    if (!response.ok) {
      response.body?.resume();
      throw invalidInput({ image_url: `${url.href} answered ${response.status}` });
    }
    return Buffer.from(await response.arrayBuffer());
  } catch (error) {
    throw explain(error, url);
  }
}

function explain(error: unknown, url: URL): HttpError {
  if (error instanceof HttpError) {
    return error;
  }
  if (error instanceof FetchError && error.type === 'max-size') {
    return new HttpError(413, `${url.href} holds more than ${MAX_FILE} bytes`, { cause: error });
  }
  if (error instanceof Error && ['AbortError', 'TimeoutError'].includes(error.name)) {
    return invalidInput({ image_url: `${url.href} did not answer within ${TIMEOUT_MS / 1000} s` });
  }
  const reason = error instanceof Error ? error.message : String(error);
  if (refusedAddress.test(reason)) {
    return invalidInput({ image_url: `${url.href} leads to an address that is not public` });
  }
  return invalidInput({ image_url: `${url.href} cannot be fetched: ${reason}` });
}

/** node-fetch keeps only the text of the agent's refusal, which names the address; the caller need not learn it. */
const refusedAddress = /is not allowed\. Because/;
