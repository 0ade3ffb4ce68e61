import fetch, { FetchError, type RequestInit } from 'node-fetch';
import { HttpError } from './errors.ts';
import { MAX_FILE } from './upload.ts';

const TIMEOUT_MS = 10_000;

/**
 * Fetches at most `MAX_FILE` bytes within ten seconds. Rejects with HttpError 413 over that size, and otherwise with
 * the error of `refuse`.
 *
 * @param name what is fetched, for messages
 */
export async function fetchLimited(
  url: URL,
  name: string,
  options: RequestInit,
  refuse: (reason: string) => HttpError,
): Promise<Buffer> {
  try {
    const response = await fetch(url, { ...options, size: MAX_FILE, signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (response.ok) {
      return Buffer.from(await response.arrayBuffer());
    }
    response.body?.resume();
    throw refuse(`${name} answered ${response.status}`);
  } catch (error) {
    throw explain(error, name, refuse);
  }
}

function explain(error: unknown, name: string, refuse: (reason: string) => HttpError): HttpError {
  if (error instanceof HttpError) {
    return error;
  }
  if (error instanceof FetchError && error.type === 'max-size') {
    return new HttpError(413, `${name} holds more than ${MAX_FILE} bytes`, { cause: error });
  }
  if (error instanceof Error && ['AbortError', 'TimeoutError'].includes(error.name)) {
    return refuse(`${name} did not answer within ${TIMEOUT_MS / 1000} s`);
  }
  return refuse(`${name} cannot be fetched: ${error instanceof Error ? error.message : String(error)}`);
}
