import { checksum } from '../../core/checksum.ts';
import { codeOf, ConfigurationError } from '../../core/errors.ts';
import { parseJsonFile } from '../../core/json-file.ts';
import { deepFreeze } from '../../core/parse.ts';
import type { ModelRow } from '../../core/row.ts';
import type { Environment } from '../../core/settings.ts';
import type { BaseCommand } from '../model/http/command.ts';

/** The settings that build.ts writes into the image's configuration, or a Dockerfile's author. */
export interface ImageSettings {
  readonly row: ModelRow;
  readonly base: BaseCommand;
}

/**
 * Reads `MODELWHISK_MODEL` and `MODELWHISK_BASE`.
 *
 * build.ts has checked both and written their checksum into `MODELWHISK_CHECKSUM`. If it matches, they are not checked
 * again, because loading the schema takes 40 ms, a fifth of a small server's cold start. If it does not match, they
 * were written by hand, and an error rejects with ConfigurationError.
 *
 * A Dockerfile may also put the row into a file. The command of the model server is then the image's CMD, which Docker
 * appends to the adapter's entrypoint.
 *
 * @param words the adapter's arguments
 * @param file the file with the row, if the environment has no row
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
    return parseJsonFile(text ?? '');
  } catch (cause) {
    throw new ConfigurationError(name, text, expectation, { cause });
  }
}
