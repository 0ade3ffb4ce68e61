import { ConfigurationError } from '../../core/errors.ts';
import type { ModelRow } from '../../core/row.ts';
import { parseRow } from './catalogue.ts';

/**
 * Makes a row that can be built from a template: every `{placeholder}` in its texts becomes the value of that name,
 * and the name gets the first value's own name behind it, for example `tensorflow-serving-half-plus-two`.
 * A row that is no template, given no values, is returned as it is.
 *
 * @param values what `--set NAME=VALUE` says; `model` in most templates
 * @throws ConfigurationError for a placeholder without a value and for a value without a placeholder
 */
export function fillTemplate(row: ModelRow, values: Readonly<Record<string, string>>): ModelRow {
  const names = row.template ? placeholders(row) : [];
  for (const name of names) {
    if (values[name] === undefined) throw new ConfigurationError(`--set ${name}`, undefined, `a value for ${row.name}`);
  }
  for (const name of Object.keys(values)) {
    if (!names.includes(name)) throw new ConfigurationError('--set', name, expectedNames(row, names));
  }
  const [first] = names;
  if (first === undefined) return row;
  const filled: unknown = JSON.parse(JSON.stringify({ ...row, template: false }), (_key, value: unknown) =>
    typeof value === 'string' ? value.replaceAll(placeholder, (whole, name: string) => values[name] ?? whole) : value,
  );
  const name = `${row.name}-${plainName(values[first] ?? '')}`;
  return parseRow({ ...(filled as object), name }, `row ${row.name} filled in`);
}

/** Names of the placeholders of a row or a part of one, in the order in which they appear. */
export function placeholders(row: Partial<ModelRow>): readonly string[] {
  return [...new Set(Array.from(JSON.stringify(row).matchAll(placeholder), ([, name = '']) => name))];
}

/** The last part of an image reference, path or model name, without tag and digest, fit for a repository name. */
export function plainName(reference: string): string {
  const last = reference.replace(/@.*$/, '').split('/').at(-1) ?? '';
  return last
    .replace(/:[^:]*$/, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}

const placeholder = /\{([a-z]+)\}/g;

function expectedNames(row: ModelRow, names: readonly string[]): string {
  return names.length > 0 ? names.join(' or ') : `no value: row ${row.name} is not a template`;
}
