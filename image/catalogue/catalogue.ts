import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import * as z from 'zod';
import { ConfigurationError, messageOf, ModelwhiskError } from '../../core/errors.ts';
import { parseJsonFile } from '../../core/json-file.ts';
import { parseConfiguration } from '../../core/parse.ts';
import { modelRow, type ModelRow } from '../../core/row.ts';
import { similarNames } from './similar-names.ts';

/** The whole of models.json; models.schema.json is generated from it. */
export const catalogue = z.strictObject({
  $schema: z.string().optional().describe('Where editors find the schema'),
  models: z.array(modelRow).describe('One row per model image'),
});

/**
 * Reads a catalogue file, by default laid out as models.json.
 *
 * @param names of the rows that are needed, or "all". If the file has these rows, no other row is validated, because
 * each takes a millisecond
 * @param warn called with what is still accepted, but should be changed
 * @throws ConfigurationError naming file, row, key, the value received and what would be accepted
 */
export function loadCatalogue(
  path: string,
  names: readonly string[] = ['all'],
  warn: (message: string) => void = () => undefined,
): readonly ModelRow[] {
  const file = basename(path);
  const { models } = parseConfiguration(rawCatalogue, readJson(path), file, similarNames);
  const known = models.map(nameOf);
  refuseDuplicates(known, file);
  const all = names.includes('all') || !names.every((name) => known.includes(name));
  const rows = models.flatMap((row, index) => {
    const name = known[index];
    const needed = all || (name !== undefined && names.includes(name));
    const setting = `${file} row ${name ?? String(index)}`;
    return needed ? [parseRow(withNewKeys(row, setting, warn), setting)] : [];
  });
  return Object.freeze(rows);
}

/** The row of a name. @throws ModelwhiskError code `NO_MODEL` with the nearest names as hint */
export function findRow(rows: readonly ModelRow[], name: string): ModelRow {
  const row = rows.find((candidate) => candidate.name === name);
  if (row !== undefined) return row;
  const similar = similarNames(
    name,
    rows.map((candidate) => candidate.name),
  );
  throw new ModelwhiskError('NO_MODEL', `no model ${JSON.stringify(name)} in the catalogue`, {
    hint: `${similar.length === 0 ? '' : `did you mean ${similar.join(' or ')}? `}the command list shows them all`,
  });
}

/** Validates one row, and its sample against its input. @param setting where the row comes from */
export function parseRow(value: unknown, setting: string): ModelRow {
  const row = parseConfiguration(modelRow, value, setting, similarNames);
  checkSample(row, setting);
  return row;
}

const rawCatalogue = z.strictObject({ ...catalogue.shape, models: z.array(z.unknown()) });

function readJson(path: string): unknown {
  try {
    return parseJsonFile(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new ConfigurationError('catalogue', path, `a readable JSON file (${messageOf(cause)})`, { cause });
  }
}

function nameOf(row: unknown): string | undefined {
  const name: unknown = typeof row === 'object' && row !== null ? Reflect.get(row, 'name') : undefined;
  return typeof name === 'string' ? name : undefined;
}

/** Takes `licence` for `license`, as rows had it before the first release. */
function withNewKeys(row: unknown, setting: string, warn: (message: string) => void): unknown {
  if (typeof row !== 'object' || row === null || !('licence' in row) || 'license' in row) return row;
  const { licence: license, ...others } = row;
  warn(`${setting} key licence is called license now`);
  return { ...others, license };
}

function refuseDuplicates(names: readonly (string | undefined)[], file: string): void {
  const again = names.find((name, index) => name !== undefined && names.indexOf(name) < index);
  if (again !== undefined)
    throw new ConfigurationError(`${file} row ${again} key name`, again, 'a name that no other row has');
}

/** A sample that does not fit the input would give a curl line that fails. */
function checkSample({ predict, sample }: ModelRow, setting: string): void {
  if (sample === undefined) return;
  const { file, json, query = {} } = sample;
  const kind = predict.input.kind;
  const takesFile = kind === 'file' || kind === 'raw';
  if ((file !== undefined) !== takesFile) {
    throw new ConfigurationError(`${setting} key sample.file`, file, takesFile ? 'a file to send' : 'no file');
  }
  if ((json !== undefined) !== (kind === 'json')) {
    throw new ConfigurationError(`${setting} key sample.json`, json, kind === 'json' ? 'a JSON body' : 'no JSON body');
  }
  for (const { name, required, values } of predict.parameters) {
    const value = query[name];
    if (value === undefined ? required : values !== undefined && !values.includes(String(value))) {
      throw new ConfigurationError(`${setting} key sample.query.${name}`, value, values?.join(' or ') ?? 'a value');
    }
  }
  for (const name of Object.keys(query)) {
    if (!predict.parameters.some((parameter) => parameter.name === name)) {
      throw new ConfigurationError(`${setting} key sample.query.${name}`, query[name], 'a name of predict.parameters');
    }
  }
}
