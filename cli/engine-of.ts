import { ConfigurationError } from '../core/errors.ts';
import type { EngineName } from '../image/engines/engine.ts';
import { formatOutput, type ImageOutput } from '../image/engines/image-output.ts';

/** The flags of a build that need one of the engines, see BuildOptions. */
export interface EngineFlags {
  readonly engine: EngineName | undefined;
  readonly push: boolean;
  readonly check: boolean;
  readonly output: ImageOutput | undefined;
  readonly source: { readonly kind: 'image' } | { readonly kind: 'catalogue'; readonly models: readonly string[] };
  readonly insecure: readonly string[];
}

/**
 * The engine that the flags select. Undefined if they need none in particular.
 *
 * @throws ConfigurationError for flags that contradict each other
 */
export function engineOf({ engine, push, check, output, source, insecure }: EngineFlags): EngineName | undefined {
  if (check && (engine === 'registry' || output !== undefined || insecure.length > 0)) {
    throw new ConfigurationError('--check', true, '--engine docker, where an image can be started');
  }
  if (output !== undefined) {
    const shown = formatOutput(output);
    if (engine === 'docker') {
      throw new ConfigurationError('--output', shown, '--engine registry; with docker, --no-push and then docker save');
    }
    const isOne = source.kind === 'image' || (source.models.length === 1 && source.models[0] !== 'all');
    if (output.kind === 'docker-archive' && !isOne) {
      throw new ConfigurationError('--output', shown, 'oci:DIR, which takes several models, or a single model');
    }
    return 'registry';
  }
  if (!push && engine === 'registry') {
    const expected = '--dry-run, or --output oci:DIR: the registry engine has nowhere else to leave an image';
    throw new ConfigurationError('--no-push', true, expected);
  }
  if (insecure.length > 0 && engine === 'docker') {
    throw new ConfigurationError('--insecure', insecure, '--engine registry: Docker reads such hosts from daemon.json');
  }
  if (!push || check) return 'docker';
  return insecure.length > 0 ? 'registry' : engine;
}
