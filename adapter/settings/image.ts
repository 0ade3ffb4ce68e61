import { checksum } from '../../core/checksum.ts';
import { codeOf, ConfigurationError } from '../../core/errors.ts';
import { deepFreeze } from '../../core/parse.ts';
import type { ModelRow } from '../../core/row.ts';
import type { Environment } from '../../core/settings.ts';
import type { BaseCommand } from '../model/http/command.ts';

/** What build.ts writes into the image's configuration, or the author of a Dockerfile into that. */
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
 *
 * In a Dockerfile of one's own the row may also be a file, and the command that starts the model server is the image's
 * CMD, which Docker puts behind the adapter's own entrypoint.
 *
 * @param words the adapter's arguments
 * @param file with the row, where the environment has none
 */
export async function readImageSettings(
  environment: Environment,
  words: readonly string[] = [],
  file = '/modelwhisk/model.json',
): Promise<ImageSettings> {
  const { MODELWHISK_MODEL: model, MODELWHISK_BASE: base, MODELWHISK_CHECKSUM: written } = environment;
  if (model !== undefined && base !== undefined && checksum(model, base) === written) {
    return deepFreeze<ImageSettings>({ row: JSON.parse(model), base: JSON.parse(base) });
  }
  const { checkModel, checkBase } = await import('./image-check.ts');
  const command: BaseCommand = { entrypoint: null, command: words.length === 0 ? null : words, environment: {} };
  return {
    row: checkModel(await readRow(model, file)),
    base: base === undefined ? command : checkBase(parsed('MODELWHISK_BASE', base, baseExpectation)),
  };
}

async function readRow(text: string | undefined, file: string): Promise<unknown> {
  if (text !== undefined) return parsed('MODELWHISK_MODEL', text, modelExpectation);
  const { readFile } = await import('node:fs/promises');
  const content = await readFile(file, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (content !== undefined) return parsed(file, content, modelExpectation);
  throw new ConfigurationError('MODELWHISK_MODEL', undefined, `${modelExpectation}, or a file ${file} with it`);
}

const modelExpectation = "the model's catalogue row as JSON, as build.ts writes it into the image";
const baseExpectation = '{"entrypoint": […]|null, "command": […]|null, "environment": {…}}';

function parsed(name: string, text: string | undefined, expectation: string): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch (cause) {
    throw new ConfigurationError(name, text, expectation, { cause });
  }
}
