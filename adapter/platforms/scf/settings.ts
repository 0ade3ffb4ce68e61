import { type Environment, readChoice } from '../../../core/settings.ts';

/**
 * `MODELWHISK_SCF_FUNCTION`: the kind of function, which SCF itself does not give. Undefined: detected by each request.
 *
 * @throws ConfigurationError
 */
export function readFunctionKind(environment: Environment): 'event' | 'web' | undefined {
  return readChoice(environment, 'MODELWHISK_SCF_FUNCTION', ['event', 'web']);
}
