import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { messageOf } from '../../../core/errors.ts';
import { CallerError } from '../../errors.ts';
import type { Environment } from '../../../core/settings.ts';
import type { FindCredentials, StoreCredentials } from './credentials.ts';
import { fetchTemporaryCredentials, type TemporaryCredentials } from './temporary-credentials.ts';

/**
 * The part of AWS's credential chain that applies in a container (AWS SDKs and Tools reference guide, "standardized
 * credential providers"), in its order: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`; the
 * profile `AWS_PROFILE` of the shared credentials file; temporary credentials, renewed five minutes before they expire.
 * The role of the machine itself is left out, because callers of the model could read all that it gives access to.
 *
 * The variables are read on each use, because OpenWhisk sets some after the start. Rejects with CallerError 502 if a
 * configured source gives no credentials.
 */
export function credentialChain(environment: Environment): FindCredentials {
  let temporary: TemporaryCredentials | undefined;
  let fetching: Promise<TemporaryCredentials | undefined> | undefined;
  return async () => {
    const own = fromEnvironment(environment) ?? (await fromFile(environment));
    if (own !== undefined) return own;
    if (temporary === undefined || temporary.expiration - 5 * 60_000 < Date.now()) {
      // Calls at the same time wait for one answer, because sources limit how often they are asked.
      fetching ??= fetchTemporaryCredentials(environment).finally(() => (fetching = undefined));
      temporary = await fetching;
    }
    return temporary?.credentials;
  };
}

function fromEnvironment(environment: Environment): StoreCredentials | undefined {
  return credentialsOf(
    environment['AWS_ACCESS_KEY_ID'],
    environment['AWS_SECRET_ACCESS_KEY'],
    environment['AWS_SESSION_TOKEN'],
  );
}

async function fromFile(environment: Environment): Promise<StoreCredentials | undefined> {
  const path = environment['AWS_SHARED_CREDENTIALS_FILE'] || join(homedir(), '.aws', 'credentials');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (!environment['AWS_SHARED_CREDENTIALS_FILE']) return undefined;
    throw new CallerError(502, 'INPUT', `the credentials file ${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
  const { default: ini } = await import('ini');
  const profile = environment['AWS_PROFILE'] || 'default';
  const section = profileSchema.safeParse(ini.parse(text)[profile]).data;
  if (section === undefined) return undefined;
  return credentialsOf(section.aws_access_key_id, section.aws_secret_access_key, section.aws_session_token);
}

function credentialsOf(id?: string, secret?: string, token?: string): StoreCredentials | undefined {
  if (!id || !secret) return undefined;
  return { accessKeyId: id, secretAccessKey: secret, ...(token && { sessionToken: token }) };
}

const profileSchema = z.object({
  aws_access_key_id: z.string(),
  aws_secret_access_key: z.string(),
  aws_session_token: z.string().optional(),
});
