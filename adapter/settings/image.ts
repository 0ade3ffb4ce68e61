import { checksum } from '../../core/checksum.ts';
import { ConfigurationError } from '../../core/errors.ts';
import { deepFreeze } from '../../core/parse.ts';
import type { ModelRow } from '../../core/row.ts';
import type { Environment } from '../../core/settings.ts';
import type { BaseCommand } from '../model/http/command.ts';

/** What build.ts writes into the image's configuration. */
export interface ImageSettings {
  readonly row: ModelRow;
  readonly base: BaseCommand;
}

/**
 * Reads `MODELWHISK_MODEL` and `MODELWHISK_BASE`.
 *
 * build.ts has checked both, and left `MODELWHISK_CHECKSUM` of what it wrote. Where that still fits, they are not
 * checked again: the schema takes 40 ms to load, a fifth of a small server's cold start. Where it does not, somebody
 * wrote them by hand, and hears what is wrong with them: it rejects with ConfigurationError.
 */
export async function readImageSettings(environment: Environment): Promise<ImageSettings> {
  const { MODELWHISK_MODEL: model, MODELWHISK_BASE: base, MODELWHISK_CHECKSUM: written } = environment;
  if (model !== undefined && base !== undefined && checksum(model, base) === written) {
    return deepFreeze<ImageSettings>({ row: JSON.parse(model), base: JSON.parse(base) });
  }
  const { checkModel, checkBase } = await import('./image-check.ts');
  return {
    row: checkModel(parsed('MODELWHISK_MODEL', model, modelExpectation)),
    base: checkBase(base === undefined ? noBase : parsed('MODELWHISK_BASE', base, baseExpectation)),
  };
}

const modelExpectation = "the model's catalogue row as JSON, as build.ts writes it into the image";
const baseExpectation = '{"entrypoint": […]|null, "command": […]|null, "environment": {…}}';
const noBase: BaseCommand = { entrypoint: null, command: null, environment: {} };

function parsed(name: string, text: string | undefined, expectation: string): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch (cause) {
    throw new ConfigurationError(name, text, expectation, { cause });
  }
}
