import { execa } from 'execa';
import type { Environment } from '../../../core/settings.ts';
import { dockerError } from './errors.ts';

export interface CommandOptions {
  /** Sent to the command's standard input. */
  readonly input?: string;
  /** Variables of the command's process, besides the user's. */
  readonly environment?: Environment;
  readonly signal?: AbortSignal;
  /** Called with every line that the command prints. */
  readonly progress?: ((line: string) => void) | undefined;
}

/** Runs the docker command line tool and returns what it printed. Rejects with ModelwhiskError, see dockerError. */
export type Docker = (words: readonly string[], options?: CommandOptions) => Promise<string>;

/** The docker command line tool, with the user's own configuration, context and credentials. */
export function dockerCommand(environment: Environment): Docker {
  return async (words, { input = '', environment: added, signal, progress } = {}) => {
    const tell = function* (line: unknown): Generator {
      progress?.(String(line));
      yield line;
    };
    const result = await execa('docker', words, {
      input,
      env: dockerEnvironment({ ...environment, ...added }),
      extendEnv: false,
      stdout: [tell, 'pipe'],
      stderr: [tell, 'pipe'],
      reject: false,
      ...(signal === undefined ? {} : { cancelSignal: signal }),
    });
    if (result.failed) throw dockerError(words, result);
    return result.stdout;
  };
}

/** An attestation would turn the image into an index of several, which not every platform reads. */
export function dockerEnvironment(environment: Environment): NodeJS.ProcessEnv {
  return { ...environment, BUILDX_NO_DEFAULT_ATTESTATIONS: '1' };
}
