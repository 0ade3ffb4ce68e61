import * as z from 'zod';

import { ConfigurationError } from '../../core/errors.ts';
import type { Environment } from '../../core/settings.ts';
import { RegistryError } from './errors.ts';
import { parseJson } from './json.ts';

/**
 * Asks `docker-credential-NAME get` for the credentials of one server, as github.com/docker/docker-credential-helpers
 * describes: the server on standard input, JSON on standard output. Undefined when the helper knows none.
 * What the helper prints is never repeated in an error, since it may be a secret.
 */
export async function askCredentialHelper(
  name: string,
  server: string,
  environment: Environment,
): Promise<{ readonly username: string; readonly secret: string } | undefined> {
  if (!/^[A-Za-z0-9._-]+$/.test(name)) {
    throw new ConfigurationError('credsStore or credHelpers', name, 'the NAME of a docker-credential-NAME program');
  }
  const program = `docker-credential-${name}`;
  // Most runs ask no helper, and it takes long to load.
  const { execa } = await import('execa');
  const { stdout, failed, timedOut, exitCode, code } = await execa(program, ['get'], {
    input: server,
    env: environment,
    extendEnv: false,
    timeout: 10_000,
    reject: false,
  });
  if (timedOut) throw helperFailed(program, 'gave no answer in 10 s', 'unlock the key store it asks, then try again');
  if (code === 'ENOENT') {
    throw helperFailed(program, 'is not on the PATH', `install it, or remove "${name}" from Docker's config.json`);
  }
  if (failed) {
    if (stdout.trim() === 'credentials not found in native keychain') return undefined;
    throw helperFailed(program, `failed with exit code ${exitCode}`, `try: echo ${server} | ${program} get`);
  }
  const parsed = helperAnswer.safeParse(parseJson(stdout));
  if (!parsed.success) throw helperFailed(program, 'answered something other than credentials in JSON');
  return { username: parsed.data.Username, secret: parsed.data.Secret };
}

const helperAnswer = z.looseObject({ Username: z.string(), Secret: z.string().min(1) });

function helperFailed(program: string, problem: string, hint?: string): RegistryError {
  return new RegistryError('REGISTRY_CREDENTIALS', `${program} ${problem}`, hint === undefined ? {} : { hint });
}
