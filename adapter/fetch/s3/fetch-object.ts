import { lookup } from 'node:dns';
import type { Readable } from 'node:stream';
import aws4 from 'aws4';
import fetch, { type Response } from 'node-fetch';
import { codeOf, messageOf } from '../../../core/errors.ts';
import { CallerError } from '../../errors.ts';
import { unrestrictedAgent } from '../agent.ts';
import { readBody } from '../body.ts';
import type { StoreCredentials } from './credentials.ts';
import type { ObjectStore } from './object-store.ts';
import { objectUrl, readObjectUrl, type ObjectName } from './object-url.ts';
import type { FetchPolicy } from '../policy.ts';
import { fileReader, type InputFile, type ReadReply } from '../resource.ts';
import { withinTime } from '../time-limit.ts';
import type { CallSignal } from '../../http/message.ts';

/**
 * Fetches `s3://bucket/key` from the policy's object store. The request is signed with its credentials (Signature
 * Version 4), or anonymous without credentials. The key is everything after the bucket's slash, not percent-encoded.
 *
 * Rejects with CallerError: 400 for a malformed URL, 403 for a bucket that callers may not name, 413 over the size
 * limit, 502 if the store does not answer with the object, 504 after the time limit or if `signal` is aborted. Messages
 * contain no credentials.
 *
 * @param versionId one version of the object; undefined for the latest
 */
export async function fetchObject(
  url: string,
  policy: FetchPolicy,
  signal: CallSignal,
  versionId?: string,
): Promise<InputFile> {
  return fetchObjectAs(url, policy, signal, fileReader(policy.maximumBytes), versionId);
}

/** Like fetchObject, but `read` turns the successful reply into the result. It also has to limit the size. */
export async function fetchObjectAs<Result>(
  url: string,
  policy: FetchPolicy,
  signal: CallSignal,
  read: ReadReply<Result>,
  versionId?: string,
): Promise<Result> {
  const object = readObjectUrl(url, versionId);
  const store = policy.objectStore();
  if (store.buckets !== undefined && !store.buckets.includes(object.bucket)) {
    throw new CallerError(403, 'INPUT', `${object.name} is refused: the bucket is not among those allowed`, {
      hint: `add ${object.bucket} to MODELWHISK_S3_BUCKETS to allow it`,
    });
  }
  try {
    return await withinTime(
      policy,
      signal,
      () => object.name,
      async (limited) => {
        const credentials = await store.credentials();
        return await fetchFrom(object, store, credentials, read, limited);
      },
    );
  } catch (error) {
    if (error instanceof CallerError) throw error;
    const reason = codeOf(error) ?? messageOf(error);
    throw new CallerError(502, 'INPUT', `${object.name} could not be fetched: ${reason}`, { cause: error });
  }
}

async function fetchFrom<Result>(
  object: ObjectName,
  store: ObjectStore,
  credentials: StoreCredentials | undefined,
  read: ReadReply<Result>,
  signal: AbortSignal,
): Promise<Result> {
  const url = objectUrl(object, store.endpoint, store.region);
  const agent = unrestrictedAgent(url, lookup);
  try {
    const response = await fetch(url.href, {
      agent,
      signal,
      redirect: 'manual',
      compress: false,
      headers: {
        ...signature(url, store.region, credentials),
        'accept-encoding': 'identity',
        'user-agent': 'modelwhisk',
      },
    });
    if (!response.ok) throw await refusal(response, object, store, credentials);
    return await read(response, object.name, /[^/\\]+\.\w+$/.exec(object.key)?.[0]);
  } finally {
    agent.destroy();
  }
}

function signature(url: URL, region: string, credentials: StoreCredentials | undefined): Record<string, string> {
  if (credentials === undefined) return {};
  const { headers } = aws4.sign(
    { host: url.host, path: `${url.pathname}${url.search}`, service: 's3', region },
    credentials,
  );
  return headers as Record<string, string>;
}

async function refusal(
  response: Response,
  { name }: ObjectName,
  store: ObjectStore,
  credentials: StoreCredentials | undefined,
): Promise<CallerError> {
  const body = await readBody(response.body as Readable, null, 65_536).catch(() => undefined);
  const code = /<Code>(\w+)<\/Code>/.exec(body?.toString() ?? '')?.[1];
  const answer = `${response.status} ${response.statusText}${code === undefined ? '' : ` (${code})`}`;
  const hint = remedy(response, store, credentials);
  return new CallerError(502, 'INPUT', `${name} was answered with ${answer}`, hint === undefined ? {} : { hint });
}

function remedy(response: Response, store: ObjectStore, credentials: StoreCredentials | undefined): string | undefined {
  const region = response.headers.get('x-amz-bucket-region');
  if (region !== null && region !== store.region) return `the bucket is in another region: set AWS_REGION=${region}`;
  if (response.status !== 401 && response.status !== 403) return undefined;
  return credentials === undefined
    ? 'no credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'
    : 'the credentials that were found may not read it';
}
