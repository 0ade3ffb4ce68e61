import { ModelwhiskError } from '../../../core/errors.ts';
import { shortReference, type TargetReference } from '../../../core/reference.ts';
import type { Environment } from '../../../core/settings.ts';
import type { Progress } from '../../progress.ts';
import { storedCredentials } from '../../registry/credentials.ts';
import { loginCommand } from '../../registry/login-errors.ts';
import type { CommandOptions, Docker } from './command.ts';
import { layerProgress } from './layer-progress.ts';

export interface PushOptions {
  readonly command: CommandOptions;
  readonly progress: Progress;
  /** Where to find Docker's configuration. */
  readonly environment: Environment;
}

/** Has the engine push an image. @returns the digest of its manifest, "sha256:…" */
export async function pushImage(
  docker: Docker,
  image: TargetReference,
  { command, progress, environment }: PushOptions,
): Promise<string | undefined> {
  const name = shortReference(image);
  const message = `pushing ${name}`;
  progress(message);
  try {
    const output = await docker(['push', name], {
      ...command,
      progress: command.progress ?? layerProgress(message, progress),
    });
    return /digest: (sha256:[0-9a-f]{64})/.exec(output)?.[1];
  } catch (error) {
    throw (await hasLogin(image, environment)) ? error : withoutLogin(error, image);
  }
}

/** Docker reports a wrong password and a missing one in the same way, if the registry has a token server. */
function withoutLogin(error: unknown, { registry }: TargetReference): unknown {
  if (!(error instanceof ModelwhiskError) || error.code !== 'CREDENTIALS_REFUSED') return error;
  const hint = `run ${loginCommand(registry)}`;
  return new ModelwhiskError('NOT_LOGGED_IN', `not logged in to ${registry}`, { hint, cause: error });
}

async function hasLogin({ registry, repository }: TargetReference, environment: Environment): Promise<boolean> {
  const found = await storedCredentials(environment)(registry, repository).catch(() => undefined);
  return found !== undefined;
}
