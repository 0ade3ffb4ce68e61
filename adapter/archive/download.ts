import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'node-fetch';
import { CallerError, ModelServerError } from '../errors.ts';
import { allowsPrivateAddress, type FetchPolicy } from '../fetch/policy.ts';
import { fetchableUrl, redacted } from '../fetch/url.ts';
import { limitTo } from './limit.ts';
import type { Archive } from './settings.ts';

/** OpenWhisk's longest time limit, which also limits the start of a model server. */
const timeoutMilliseconds = 300_000;

/**
 * Fetches the archive into a file and checks the SHA-256 of the served bytes.
 *
 * Rejects with ModelServerError `MODEL_START` for a wrong SHA-256, and for plain http from a host that is not on the
 * allow-list. Rejects with CallerError for an archive over the limit and for all other failures.
 */
export async function download(
  archive: Archive,
  policy: FetchPolicy,
  file: string,
  signal: AbortSignal,
): Promise<void> {
  const digest = await fetchArchive(archive, policy, signal, (response) => save(response, archive, file));
  if (digest === archive.sha256.toLowerCase()) return;
  throw new ModelServerError(
    'MODEL_START',
    `${redacted(archive.url)} has the SHA-256 ${digest}; expected ${archive.sha256.toLowerCase()}`,
    { hint: 'another file is there now: check it, then set MODELWHISK_ARCHIVE_SHA256' },
  );
}

async function fetchArchive<Result>(
  { url }: Archive,
  policy: FetchPolicy,
  signal: AbortSignal,
  read: (response: Response) => Promise<Result>,
): Promise<Result> {
  if (/^s3:/i.test(url)) {
    const { fetchObjectAs } = await import('../fetch/s3/fetch-object.ts');
    // MODELWHISK_S3_BUCKETS limits only what callers may name.
    const objectStore = () => ({ ...policy.objectStore(), buckets: undefined });
    return fetchObjectAs(url, { ...policy, timeoutMilliseconds, objectStore }, signal, read);
  }
  const { fetchUrlAs } = await import('../fetch/fetch.ts');
  const target = fetchableUrl(url);
  if (target.protocol === 'http:' && !allowsPrivateAddress(target, policy)) {
    throw new ModelServerError('MODEL_START', `${redacted(url)} is refused: expected https`, {
      hint: `set MODELWHISK_FETCH_ALLOW_HOSTS=${target.host} to allow it`,
    });
  }
  return fetchUrlAs(url, { ...policy, timeoutMilliseconds }, signal, read);
}

/** Returns the SHA-256 in hexadecimal. */
async function save(response: Response, { url, maximumBytes }: Archive, file: string): Promise<string> {
  const tooLarge = (): Error =>
    new CallerError(413, 'INPUT', `${redacted(url)} is larger than ${maximumBytes} bytes`, {
      hint: 'set MODELWHISK_ARCHIVE_MAX_BYTES to allow more',
    });
  if (Number(response.headers.get('content-length') ?? 0) > maximumBytes) throw tooLarge();
  const hash = createHash('sha256');
  await pipeline(
    response.body as Readable,
    limitTo(maximumBytes, tooLarge),
    async function* hashed(source: AsyncIterable<Buffer>) {
      for await (const chunk of source) {
        hash.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(file),
  );
  return hash.digest('hex');
}
