import { ConfigurationError } from '../../core/errors.ts';
import type { ModelRow } from '../../core/row.ts';
import { findRow } from './catalogue.ts';
import { type GuessRequest, guessRow } from './guess.ts';
import { type BuildOptions, dockerHub, type Source } from '../../cli/options.ts';
import { fillTemplate } from './template.ts';

/** What will be made for one model. */
export interface Plan {
  readonly row: ModelRow;
  /** Reference of the base image. */
  readonly base: string;
  /** Reference of the image to make. */
  readonly target: string;
  /** What of the row was guessed, a line each; undefined for a row of the catalogue. */
  readonly guesses?: readonly string[] | undefined;
}

type Target = Pick<BuildOptions, 'username' | 'registry' | 'tag'>;
type CatalogueSource = Extract<Source, { kind: 'catalogue' }>;

/** Finds the models in the catalogue and says what will be made of which image. */
export function planBuilds(
  rows: readonly ModelRow[],
  { models, base }: Pick<CatalogueSource, 'models' | 'base'>,
  options: Target & Pick<BuildOptions, 'set'>,
): readonly Plan[] {
  const chosen = chooseRows(rows, models, options.set);
  const only = chosen.length === 1 ? base[''] : undefined;
  refuseStrayBases(chosen, base);
  return chosen.map((row) => ({
    row,
    base: base[row.name] ?? only ?? row.image,
    target: targetOf(row.name, options),
  }));
}

/** Makes the row of an image that the catalogue does not name, see guessRow, and says what will be made of it. */
export function planImage(request: GuessRequest, target: Target): Plan {
  const { row, guesses } = guessRow(request);
  return { row, base: request.image, target: targetOf(row.name, target), guesses };
}

function chooseRows(
  rows: readonly ModelRow[],
  models: readonly string[],
  set: BuildOptions['set'],
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

function refuseStrayBases(chosen: readonly ModelRow[], base: CatalogueSource['base']): void {
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
function targetOf(name: string, { username, registry, tag }: Target): string {
  const repository = `${username}/${name}`;
  return `${registry === dockerHub ? '' : `${registry}/`}${repository}${tag === 'latest' ? '' : `:${tag}`}`;
}
