import * as z from 'zod';

import { ConfigurationError } from '../../core/errors.ts';
import type { Environment } from '../../core/settings.ts';
import { RegistryError } from './errors.ts';
import { parseJson } from './json.ts';
import { runProgram } from './run-program.ts';

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
  const ended = await runProgram(program, ['get'], { input: server, environment, ...limits });
  switch (ended.kind) {
    case 'timed-out':
      throw helperFailed(program, 'gave no answer in 10 s', 'unlock the key store it asks, then try again');
    case 'too-much':
      throw helperFailed(
        program,
        `printed more than ${limits.outputLimit} bytes`,
        `try: echo ${server} | ${program} get`,
      );
    case 'not-started':
      throw ended.code === 'ENOENT'
        ? helperFailed(program, 'is not on the PATH', `install it, or remove "${name}" from Docker's config.json`)
        : helperFailed(program, `cannot be started (${ended.code})`, 'make it executable for this user');
    case 'exited':
  }
  if (ended.exitCode !== 0) {
    if (ended.stdout.trim() === 'credentials not found in native keychain') return undefined;
    throw helperFailed(program, `failed with exit code ${ended.exitCode}`, `try: echo ${server} | ${program} get`);
  }
  const parsed = helperAnswer.safeParse(parseJson(ended.stdout));
  if (!parsed.success) throw helperFailed(program, 'answered something other than credentials in JSON');
  return { username: parsed.data.Username, secret: parsed.data.Secret };
}

/** Tokens of cloud providers have a few kilobytes. */
const limits = { timeout: 10_000, outputLimit: 1024 * 1024 };

const helperAnswer = z.looseObject({ Username: z.string(), Secret: z.string().min(1) });

function helperFailed(program: string, problem: string, hint?: string): RegistryError {
  return new RegistryError('REGISTRY_CREDENTIALS', `${program} ${problem}`, hint === undefined ? {} : { hint });
}
