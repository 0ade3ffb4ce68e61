import { ConfigurationError } from '../core/errors.ts';
import type { ModelRow } from '../core/row.ts';
import { findRow } from './catalogue.ts';
import { type BuildOptions, dockerHub } from './options.ts';
import { fillTemplate } from './template.ts';

/** What will be made for one model. */
export interface Plan {
  readonly row: ModelRow;
  /** Reference of the base image. */
  readonly base: string;
  /** Reference of the image to make. */
  readonly target: string;
}

/** Finds the models in the catalogue and says what will be made of which image. */
export function planBuilds(
  rows: readonly ModelRow[],
  options: Pick<BuildOptions, 'models' | 'username' | 'registry' | 'tag' | 'base' | 'set'>,
): readonly Plan[] {
  const chosen = chooseRows(rows, options);
  const only = chosen.length === 1 ? options.base[''] : undefined;
  refuseStrayBases(chosen, options.base);
  return chosen.map((row) => ({
    row,
    base: options.base[row.name] ?? only ?? row.image,
    target: targetOf(row.name, options),
  }));
}

function chooseRows(
  rows: readonly ModelRow[],
  { models, set }: Pick<BuildOptions, 'models' | 'set'>,
): readonly ModelRow[] {
  // A template stands for no image of its own, so "all" leaves templates out.
  const named = models.flatMap((name) =>
    name === 'all' ? rows.filter((row) => !row.template) : [findRow(rows, name)],
  );
  const chosen = [...new Set(named)];
  const fills = chosen.length === 1 || chosen.some((row) => row.template);
  if (!fills && Object.keys(set).length > 0) {
    throw new ConfigurationError('--set', Object.keys(set)[0], 'a template among --models to fill in');
  }
  return chosen.map((row) => (row.template || chosen.length === 1 ? fillTemplate(row, set) : row));
}

function refuseStrayBases(chosen: readonly ModelRow[], base: BuildOptions['base']): void {
  const names = chosen.map((row) => row.name);
  for (const [name, image] of Object.entries(base)) {
    if (name === '' && chosen.length > 1) {
      throw new ConfigurationError('--base', image, `NAME=IMAGE, since there are ${String(chosen.length)} models`);
    }
    if (name !== '' && !names.includes(name)) {
      throw new ConfigurationError(
        '--base',
        `${name}=${image}`,
        `the name of a model being built: ${names.join(', ')}`,
      );
    }
  }
}

/** Docker Hub and the tag "latest" go without saying, so that the name is the one to give to OpenWhisk. */
function targetOf(
  name: string,
  { username, registry, tag }: Pick<BuildOptions, 'username' | 'registry' | 'tag'>,
): string {
  const repository = `${username}/${name}`;
  return `${registry === dockerHub ? '' : `${registry}/`}${repository}${tag === 'latest' ? '' : `:${tag}`}`;
}
