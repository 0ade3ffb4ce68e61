import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { messageOf } from '../../core/errors.ts';
import { InputError } from '../inputs/error.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Finds credentials; undefined where there are none, which leaves what anybody may read. */
export type FindCredentials = () => Promise<Credentials | undefined>;

/**
 * The part of AWS's chain that a container can have (AWS SDKs and Tools reference guide, "standardized credential
 * providers"), in its order: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`; the profile
 * `AWS_PROFILE` of the shared credentials file; the container's endpoint (`AWS_CONTAINER_CREDENTIALS_FULL_URI` or
 * `_RELATIVE_URI`), asked again five minutes before what it gave expires.
 *
 * The variables are read on each use, because OpenWhisk hands some over after the start. Rejects with InputError 502
 * when the file or the endpoint is named but gives no credentials.
 */
export function credentialChain(environment: Environment): FindCredentials {
  let lent: Lent | undefined;
  return async () => {
    const own = fromEnvironment(environment) ?? (await fromFile(environment));
    if (own !== undefined) return own;
    if (lent === undefined || lent.until < Date.now()) lent = await fromContainer(environment);
    return lent?.credentials;
  };
}

interface Lent {
  readonly credentials: Credentials;
  /** Epoch milliseconds. */
  readonly until: number;
}

function fromEnvironment(environment: Environment): Credentials | undefined {
  return credentialsOf(
    environment['AWS_ACCESS_KEY_ID'],
    environment['AWS_SECRET_ACCESS_KEY'],
    environment['AWS_SESSION_TOKEN'],
  );
}

async function fromFile(environment: Environment): Promise<Credentials | undefined> {
  const path = environment['AWS_SHARED_CREDENTIALS_FILE'] || join(homedir(), '.aws', 'credentials');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (!environment['AWS_SHARED_CREDENTIALS_FILE']) return undefined;
    throw new InputError(502, `the credentials file ${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
  const { default: ini } = await import('ini');
  const profile = environment['AWS_PROFILE'] || 'default';
  const section = profileSchema.safeParse(ini.parse(text)[profile]).data;
  if (section === undefined) return undefined;
  return credentialsOf(section.aws_access_key_id, section.aws_secret_access_key, section.aws_session_token);
}

async function fromContainer(environment: Environment): Promise<Lent | undefined> {
  const relative = environment['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'];
  const url = relative ? `http://169.254.170.2${relative}` : environment['AWS_CONTAINER_CREDENTIALS_FULL_URI'];
  if (!url) return undefined;
  try {
    const authorization = await containerAuthorization(environment);
    const response = await fetch(url, {
      headers: authorization === undefined ? {} : { authorization },
      signal: AbortSignal.timeout(5000),
    });
    if (!response.ok) throw new Error(`it answered ${response.status}`);
    const lent = lentSchema.parse(await response.json());
    return { credentials: lent.credentials, until: lent.expiration - 5 * 60_000 };
  } catch (cause) {
    throw new InputError(502, `the container's credentials endpoint gave none: ${messageOf(cause)}`, { cause });
  }
}

/** Read each time: the platform writes a new token into the file before the old one expires. */
async function containerAuthorization(environment: Environment): Promise<string | undefined> {
  const file = environment['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'];
  return file ? (await readFile(file, 'utf8')).trim() : environment['AWS_CONTAINER_AUTHORIZATION_TOKEN'];
}

function credentialsOf(id?: string, secret?: string, token?: string): Credentials | undefined {
  if (!id || !secret) return undefined;
  return { accessKeyId: id, secretAccessKey: secret, ...(token && { sessionToken: token }) };
}

const profileSchema = z.object({
  aws_access_key_id: z.string(),
  aws_secret_access_key: z.string(),
  aws_session_token: z.string().optional(),
});

const lentSchema = z
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
