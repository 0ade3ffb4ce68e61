import { ConfigurationError } from '../../core/errors.ts';
import type { ModelRow } from '../../core/row.ts';
import { parseTarget, type TargetReference } from '../../core/reference.ts';
import { findRow } from './catalogue.ts';
import { guessRow } from './guess.ts';
import type { GuessRequest } from './guess-request.ts';
import { fillTemplate, plainName } from './template.ts';

/** What will be made for one model. */
export interface Plan {
  readonly row: ModelRow;
  /** Reference of the base image, as its user or the catalogue writes it. */
  readonly base: string;
  /** Digest of the base, if `base` now has another one. */
  readonly baseDigest?: string | undefined;
  /** The image to make. */
  readonly target: TargetReference;
  /** The guesses in the row, one line each. Undefined for a row of the catalogue. */
  readonly guesses?: readonly string[] | undefined;
  /** What the user can do if the server listens on the adapter's own port. Undefined for a row of the catalogue. */
  readonly portHint?: string;
}

/** Where images are pushed. Each repository has the name of its row. */
export interface Destination {
  /** User, organisation or project that owns the repositories. */
  readonly username: string;
  readonly registry: string;
  readonly tag: string;
}

/** Which rows of the catalogue are built, and from what. */
export interface Choice {
  /** Names from the catalogue, or "all". */
  readonly models: readonly string[];
  /** Base images to take instead of the catalogue's: by model name, or under "" for the only model. */
  readonly base: Readonly<Record<string, string>>;
  /** Values for the {placeholders} of template rows. */
  readonly set: Readonly<Record<string, string>>;
}

/** Finds the models in the catalogue and says what will be made of which image. */
export function planBuilds(
  rows: readonly ModelRow[],
  { models, base, set }: Choice,
  destination: Destination,
): readonly Plan[] {
  const chosen = chooseRows(rows, models, set);
  const only = chosen.length === 1 ? base[''] : undefined;
  refuseStrayBases(chosen, base);
  return chosen.map((row) => ({
    row,
    base: base[row.name] ?? only ?? row.image,
    target: targetOf(row.name, destination),
  }));
}

/** The target of an image that the catalogue does not name. It is known before that image is read. */
export function targetOfImage(image: string, destination: Destination): TargetReference {
  return targetOf(plainName(image), destination);
}

/** Guesses the row of an image that the catalogue does not name (see guessRow), and plans its build. */
export function planImage(request: GuessRequest, destination: Destination): Plan {
  const { row, ...said } = guessRow(request);
  return { row, base: request.image, target: targetOf(row.name, destination), ...said };
}

function chooseRows(rows: readonly ModelRow[], models: readonly string[], set: Choice['set']): readonly ModelRow[] {
  // A template has no image of its own, so "all" does not include it.
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

function refuseStrayBases(chosen: readonly ModelRow[], base: Choice['base']): void {
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

function targetOf(name: string, { username, registry, tag }: Destination): TargetReference {
  return parseTarget(`${registry}/${username}/${name}:${tag}`);
}
