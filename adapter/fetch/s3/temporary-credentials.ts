import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { messageOf } from '../../../core/errors.ts';
import { CallerError } from '../../errors.ts';
import type { Environment } from '../../../core/settings.ts';
import type { StoreCredentials } from './credentials.ts';
import { regionOf } from './region.ts';

/** Credentials that somebody lends this process for a while. */
export interface LentCredentials {
  readonly credentials: StoreCredentials;
  /** Epoch milliseconds; Infinity where the lender did not say. */
  readonly expiration: number;
}

/**
 * Asks whom the environment names: AWS's token service for the role `AWS_ROLE_ARN` of a Kubernetes service account,
 * whose token is in `AWS_WEB_IDENTITY_TOKEN_FILE`; else the container's endpoint, `AWS_CONTAINER_CREDENTIALS_FULL_URI`
 * or `_RELATIVE_URI`. Undefined where it names neither.
 *
 * Rejects with CallerError 502 where what it names gives none.
 */
export async function borrowCredentials(environment: Environment): Promise<LentCredentials | undefined> {
  const role = environment['AWS_ROLE_ARN'];
  const file = environment['AWS_WEB_IDENTITY_TOKEN_FILE'];
  if (role && file) return lentBy('the token service', async () => fromTokenService(environment, role, file));
  const relative = environment['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'];
  const url = relative ? `http://169.254.170.2${relative}` : environment['AWS_CONTAINER_CREDENTIALS_FULL_URI'];
  return url ? lentBy("the container's credentials endpoint", async () => fromContainer(environment, url)) : undefined;
}

async function lentBy(lender: string, ask: () => Promise<LentCredentials>): Promise<LentCredentials> {
  try {
    return await ask();
  } catch (cause) {
    throw new CallerError(502, 'INPUT', `${lender} gave no credentials: ${messageOf(cause)}`, { cause });
  }
}

/**
 * AssumeRoleWithWebIdentity, a call that needs no signature (AWS Security Token Service API reference, version
 * 2011-06-15), at `AWS_ENDPOINT_URL_STS`, `AWS_ENDPOINT_URL` or Amazon's own in the region.
 */
async function fromTokenService(environment: Environment, role: string, file: string): Promise<LentCredentials> {
  const form = new URLSearchParams({
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: role,
    RoleSessionName: environment['AWS_ROLE_SESSION_NAME'] || 'modelwhisk',
    // Read each time: the platform writes a new token into the file before the old one expires.
    WebIdentityToken: (await readFile(file, 'utf8')).trim(),
  });
  const response = await fetch(tokenService(environment), { method: 'POST', body: form, ...limits() });
  const xml = await response.text();
  const value = (name: string): string | undefined => new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)?.[1];
  if (!response.ok) throw new Error(`it answered ${[response.status, value('Code')].filter(Boolean).join(' ')}`);
  return lentCredentials.parse({
    AccessKeyId: value('AccessKeyId'),
    SecretAccessKey: value('SecretAccessKey'),
    Token: value('SessionToken'),
    Expiration: value('Expiration'),
  });
}

function tokenService(environment: Environment): string {
  const endpoint = environment['AWS_ENDPOINT_URL_STS'] || environment['AWS_ENDPOINT_URL'];
  if (endpoint) return endpoint;
  const region = regionOf(environment);
  return `https://sts.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}/`;
}

async function fromContainer(environment: Environment, url: string): Promise<LentCredentials> {
  const file = environment['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'];
  // Read each time, as above.
  const token = file ? (await readFile(file, 'utf8')).trim() : environment['AWS_CONTAINER_AUTHORIZATION_TOKEN'];
  const response = await fetch(url, { headers: token === undefined ? {} : { authorization: token }, ...limits() });
  if (!response.ok) throw new Error(`it answered ${response.status}`);
  return lentCredentials.parse(await response.json());
}

/** A redirect would take the token along to whom nobody named. */
function limits(): Pick<RequestInit, 'signal' | 'redirect'> {
  return { signal: AbortSignal.timeout(5000), redirect: 'error' };
}

const lentCredentials = z
  .object({
    AccessKeyId: z.string(),
    SecretAccessKey: z.string(),
    Token: z.string().optional(),
    Expiration: z.string().optional(),
  })
  .transform(({ AccessKeyId, SecretAccessKey, Token, Expiration }) => ({
    credentials: {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      ...(Token !== undefined && { sessionToken: Token }),
    },
    expiration: Date.parse(Expiration ?? '') || Number.POSITIVE_INFINITY,
  }));
