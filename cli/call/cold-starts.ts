import { request } from 'undici';

/** Activation records in one page, the maximum of OpenWhisk. */
const pageSize = 200;

/**
 * How many of these activations started a container. Their records have the annotation `initTime`
 * (https://github.com/apache/openwhisk/blob/master/docs/annotations.md). Undefined if the records cannot be read.
 *
 * @param url URL of the web action: `https://APIHOST/api/v1/web/…`
 * @param auth `USER:PASSWORD`
 * @param since epoch milliseconds of the first call
 */
export async function countColdStarts(
  url: URL,
  auth: string,
  activationIds: ReadonlySet<string>,
  since: number,
): Promise<number | undefined> {
  let cold = 0;
  let seen = 0;
  for (let skip = 0; seen < activationIds.size; skip += pageSize) {
    const page = await readPage(url, auth, since, skip);
    if (page === undefined) return undefined;
    const own = page.filter(({ activationId }) => activationIds.has(activationId));
    seen += own.length;
    cold += own.filter(({ annotations }) => annotations?.some(({ key }) => key === 'initTime')).length;
    // A record may be written after the reply, or never.
    if (page.length < pageSize) return cold;
  }
  return cold;
}

interface ActivationRecord {
  readonly activationId: string;
  readonly annotations?: readonly { readonly key: string }[];
}

async function readPage(url: URL, auth: string, since: number, skip: number): Promise<ActivationRecord[] | undefined> {
  const target = new URL('/api/v1/namespaces/_/activations', url);
  target.search = new URLSearchParams({
    docs: 'true',
    limit: `${pageSize}`,
    skip: `${skip}`,
    since: `${since}`,
  }).toString();
  try {
    const { statusCode, body } = await request(target, {
      headers: { authorization: `Basic ${Buffer.from(auth).toString('base64')}` },
      signal: AbortSignal.timeout(10_000),
    });
    const records: unknown = await body.json();
    return statusCode === 200 && Array.isArray(records) ? (records as ActivationRecord[]) : undefined;
  } catch {
    return undefined;
  }
}
