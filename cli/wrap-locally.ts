import { modelRow, type ModelRow } from '../core/row.ts';
import { formatReference, parseReference } from '../core/reference.ts';
import { loadCatalogue } from '../image/catalogue/catalogue.ts';
import { assertBuildable } from '../image/catalogue/check-buildable.ts';
import type { Plan } from '../image/catalogue/plan.ts';
import { chooseEngine } from '../image/engines/choose.ts';
import { dockerCommand } from '../image/engines/docker/command.ts';
import { readOrigin } from '../image/engines/origin.ts';
import { type CommandContext, engineOptions } from './context.ts';
import { findPredictRoute } from './find-predict-route.ts';
import { type BuildFlags, type BuildOptions, checkOptions } from './options.ts';
import { progressWriter } from './output.ts';
import { prepareBuilds } from './prepare-builds.ts';

/** An image in the Docker engine with a model and the adapter. */
export interface WrappedImage {
  readonly image: string;
  readonly row: ModelRow;
  /** Whether it was made here and should be removed afterwards. */
  readonly isTemporary: boolean;
}

/** The flags of a build that describe an image, without those for pushing it. */
export type WrapFlags = Omit<BuildFlags, 'username' | 'registry' | 'tag' | 'push' | 'engine' | 'models' | 'image'>;

/** An image to wrap, whose name and flags are valid. */
export interface WrapRequest {
  readonly name: string;
  /** Whether the name is that of a model in the catalogue. */
  readonly isKnown: boolean;
  readonly options: BuildOptions;
}

/**
 * Checks what can be checked without an engine.
 *
 * @param name name of a model in the catalogue, or an image reference
 * @throws ModelwhiskError
 */
export function wrapRequest(name: string, flags: WrapFlags, { environment }: CommandContext): WrapRequest {
  const isKnown = loadCatalogue(flags.catalogue).some((row) => row.name === name);
  if (!isKnown) parseReference(name);
  const options = checkOptions(
    {
      ...flags,
      ...(isKnown ? { models: [name] } : { image: name }),
      username: 'try',
      registry: 'modelwhisk.local',
      tag: 'latest',
      push: false,
      engine: 'docker',
    },
    environment,
  );
  return { name, isKnown, options };
}

/**
 * Lays the adapter onto an image in the Docker engine without pushing it. An image that already contains the adapter
 * stays unchanged. Rejects with ModelwhiskError if there is no engine or the image cannot be wrapped.
 */
export async function wrapLocally(
  { name, isKnown, options }: WrapRequest,
  context: CommandContext,
): Promise<WrappedImage> {
  const progress = progressWriter(context, options, context.colours.stderr);
  const request = { platform: options.platform, signal: context.signal };
  if (!isKnown) {
    const engine = await chooseEngine('docker', engineOptions(options, context));
    const told = (message: string): void => progress(name, message);
    const { config } = await engine.inspect({ image: name, ...request, progress: told });
    const origin = readOrigin(config);
    const row = 'row' in origin ? origin.row : undefined;
    if (row !== undefined) return { image: name, row, isTemporary: false };
  }
  const { plans, engine } = await prepareBuilds(options, context);
  const [planned] = plans;
  if (planned === undefined || engine === undefined) throw new Error('a build of one image has one plan');
  assertBuildable(planned.row, planned.portHint);
  const told = (message: string): void => progress(planned.row.name, message);
  const plan = { ...planned, row: await withFoundRoute(planned, context, told) };
  await engine.build({ ...plan, ...request, push: false, progress: told });
  return { image: formatReference(plan.target), row: plan.row, isTemporary: true };
}

/** The row with the predict route that the image's server has, where that was only guessed. */
async function withFoundRoute(
  { row, base, guesses = [] }: Plan,
  { environment, signal }: CommandContext,
  tell: (message: string) => void,
): Promise<ModelRow> {
  const { server, predict } = row;
  if (server.kind !== 'http' || !guesses.some((guess) => guess.startsWith('predict: '))) return row;
  tell('starting the image once, to look for its predict route (not with --predict)');
  const found = await findPredictRoute({ image: base, server, predict }, dockerCommand(environment), signal);
  if (found === undefined) return row;
  const hint = found.status < 300 ? '' : '; say with --predict what it takes';
  tell(`found predict: ${found.flag}, which answered a try with ${found.status}${hint}`);
  // It is not of the kind of server that was recognised, so it has not its title either.
  return modelRow.parse({ ...row, title: base, predict: found.predict, sample: undefined, batch: undefined });
}

/** Removes temporary images from the engine. Layers that they share with other images stay. */
export async function removeTemporary(images: readonly WrappedImage[], { environment }: CommandContext): Promise<void> {
  const docker = dockerCommand(environment);
  for (const { image, isTemporary } of images) {
    if (isTemporary) await docker(['image', 'rm', '--force', image]).catch(() => undefined);
  }
}
