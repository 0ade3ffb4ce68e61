import { loadCatalogue } from '../image/catalogue/catalogue.ts';
import { type Plan, planBuilds, planImage, targetOfImage } from '../image/catalogue/plan.ts';
import { chooseEngine } from '../image/engines/choose.ts';
import type { Engine } from '../image/engines/engine.ts';
import { refuseWrapped } from '../image/engines/wrap-config.ts';
import { type CommandContext, engineOptions } from './context.ts';
import type { BuildOptions, Source } from './options.ts';
import { progressWriter, warningWriter } from './output.ts';

export interface PreparedBuilds {
  readonly plans: readonly Plan[];
  /** Undefined with --dry-run. */
  readonly engine: Engine | undefined;
}

/** Plans the builds and chooses their engine. */
export async function prepareBuilds(options: BuildOptions, context: CommandContext): Promise<PreparedBuilds> {
  const { source, dryRun } = options;
  const warn = warningWriter(context, options, context.colours.stderr);
  if (source.kind === 'catalogue') {
    const plans = planBuilds(loadCatalogue(options.catalogue, source.models, warn), { ...options, ...source }, options);
    return { plans, engine: dryRun ? undefined : await chooseEngine(options.engine, engineOptions(options, context)) };
  }
  // For a dry run, read the configuration from the registry. docker would pull the whole image.
  const wanted = options.engine ?? (dryRun ? 'registry' : undefined);
  const engine = await chooseEngine(wanted, engineOptions(options, context));
  return { plans: [await planFor(source, engine, options, context)], engine: dryRun ? undefined : engine };
}

/** The plan for an image that is not in the catalogue, from its configuration. */
async function planFor(
  source: Extract<Source, { kind: 'image' }>,
  engine: Engine,
  options: BuildOptions,
  context: CommandContext,
): Promise<Plan> {
  const { kind: _kind, image, env: environment, arg: args, route: routes, ...described } = source;
  const { platform, set } = options;
  const write = progressWriter(context, options, context.colours.stderr);
  const warn = warningWriter(context, options, context.colours.stderr);
  const catalogue = loadCatalogue(options.catalogue, ['all'], warn);
  const push = options.push && !options.dryRun && options.output === undefined;
  await engine.announce([{ base: image, target: targetOfImage(image, options), push }]);
  const { config } = await engine.inspect({
    image,
    platform,
    signal: context.signal,
    progress: (message) => write(image, message),
  });
  refuseWrapped(image, config);
  const plan = planImage({ image, config, catalogue, ...described, args, routes, environment, set }, options);
  for (const guess of plan.guesses ?? []) write(plan.row.name, `guessed ${guess}`);
  return plan;
}
