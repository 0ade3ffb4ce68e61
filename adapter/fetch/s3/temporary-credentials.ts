import { readFile } from 'node:fs/promises';
import fetch, { type RequestInit } from 'node-fetch';
import * as z from 'zod';
import { messageOf } from '../../../core/errors.ts';
import { CallerError } from '../../errors.ts';
import type { Environment } from '../../../core/settings.ts';
import type { StoreCredentials } from './credentials.ts';
import { regionOf } from './region.ts';

/** Credentials that expire. */
export interface TemporaryCredentials {
  readonly credentials: StoreCredentials;
  /** Epoch milliseconds. Infinity if the source gave no expiration. */
  readonly expiration: number;
}

/**
 * Gets temporary credentials from the source that the environment names: AWS's token service for the role
 * `AWS_ROLE_ARN` of a Kubernetes service account, whose token is in `AWS_WEB_IDENTITY_TOKEN_FILE`; or else the
 * container's endpoint, `AWS_CONTAINER_CREDENTIALS_FULL_URI` or `_RELATIVE_URI`. Undefined if it names neither.
 *
 * Rejects with CallerError 502 if the source gives no credentials.
 */
export async function fetchTemporaryCredentials(environment: Environment): Promise<TemporaryCredentials | undefined> {
  const role = environment['AWS_ROLE_ARN'];
  const file = environment['AWS_WEB_IDENTITY_TOKEN_FILE'];
  if (role && file) return issuedBy('the token service', async () => fromTokenService(environment, role, file));
  const relative = environment['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'];
  const url = relative ? `http://169.254.170.2${relative}` : environment['AWS_CONTAINER_CREDENTIALS_FULL_URI'];
  return url
    ? issuedBy("the container's credentials endpoint", async () => fromContainer(environment, url))
    : undefined;
}

async function issuedBy(source: string, ask: () => Promise<TemporaryCredentials>): Promise<TemporaryCredentials> {
  try {
    return await ask();
  } catch (cause) {
    throw new CallerError(502, 'INPUT', `${source} gave no credentials: ${messageOf(cause)}`, { cause });
  }
}

/**
 * Calls AssumeRoleWithWebIdentity, which needs no signature (AWS Security Token Service API reference, version
 * 2011-06-15), at `AWS_ENDPOINT_URL_STS`, `AWS_ENDPOINT_URL` or Amazon's endpoint in the region.
 */
async function fromTokenService(environment: Environment, role: string, file: string): Promise<TemporaryCredentials> {
  const form = new URLSearchParams({
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: role,
    RoleSessionName: environment['AWS_ROLE_SESSION_NAME'] || 'modelwhisk',
    // Read it each time, because the platform replaces the token before it expires.
    WebIdentityToken: (await readFile(file, 'utf8')).trim(),
  });
  const response = await fetch(tokenService(environment), { method: 'POST', body: form, ...limits() });
  const xml = await response.text();
  const value = (name: string): string | undefined => new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)?.[1];
  if (!response.ok) throw new Error(`it answered ${[response.status, value('Code')].filter(Boolean).join(' ')}`);
  return temporaryCredentials.parse({
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

async function fromContainer(environment: Environment, url: string): Promise<TemporaryCredentials> {
  const file = environment['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'];
  // Read it each time, as above.
  const token = file ? (await readFile(file, 'utf8')).trim() : environment['AWS_CONTAINER_AUTHORIZATION_TOKEN'];
  const response = await fetch(url, { headers: token === undefined ? {} : { authorization: token }, ...limits() });
  if (!response.ok) throw new Error(`it answered ${response.status}`);
  return temporaryCredentials.parse(await response.json());
}

/** No redirects, because they would send the token to another server. */
function limits(): Pick<RequestInit, 'signal' | 'redirect'> {
  return { signal: AbortSignal.timeout(5000), redirect: 'error' };
}

const temporaryCredentials = z
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
