import { performance } from 'node:perf_hooks';
import { loadCatalogue } from '../../image/catalogue/catalogue.ts';
import { refuseWrapped } from '../../image/engines/wrap-config.ts';
import type { Engine } from '../../image/engines/engine.ts';
import { chooseEngine } from '../../image/engines/choose.ts';
import { printedJson } from '../documents.ts';
import { type BuildFlags, type BuildOptions, checkOptions, type Source } from '../options.ts';
import { errorText, progressWriter } from '../output.ts';
import { type Plan, planBuilds, planImage } from '../../image/catalogue/plan.ts';
import { buildDocument, quietReport, textReport } from '../report.ts';
import { runBuilds } from '../../image/engines/run-builds.ts';
import { type CommandContext, engineOptions } from './context.ts';

/**
 * `build.ts`: makes and pushes images.
 *
 * @returns the exit code: 0, or 1 when some images were not made, 130 when interrupted
 */
export async function build(flags: BuildFlags, context: CommandContext): Promise<number> {
  const started = performance.now();
  const options = checkOptions(flags);
  const { signal, colours } = context;
  const { plans, engine } = await prepare(options, context);
  const progress = progressWriter(context, options, colours.stderr);
  const outcomes = await runBuilds(plans, engine, { ...options, signal, progress });
  const report = { ...options, engine: engine?.name, milliseconds: performance.now() - started };
  context.stdout.write(
    options.json
      ? printedJson(buildDocument(outcomes, report))
      : options.quiet
        ? quietReport(outcomes)
        : textReport(outcomes, report, colours.stdout),
  );
  for (const outcome of outcomes) {
    if (outcome.status !== 'failed') continue;
    const { error, plan } = outcome;
    const { message, hint, stack, cause } = error;
    const named = { message: `${plan.row.name}: ${message}`, hint, stack, cause };
    context.stderr.write(errorText(named, options, colours.stderr));
  }
  if (signal.aborted) return 130;
  return outcomes.some(({ status }) => status === 'failed') ? 1 : 0;
}

interface Prepared {
  readonly plans: readonly Plan[];
  /** Undefined where nothing is to be made. */
  readonly engine: Engine | undefined;
}

async function prepare(options: BuildOptions, context: CommandContext): Promise<Prepared> {
  const { source, dryRun } = options;
  if (source.kind === 'catalogue') {
    const plans = planBuilds(loadCatalogue(options.catalogue, source.models), source, options);
    return { plans, engine: dryRun ? undefined : await chooseEngine(options.engine, engineOptions(options, context)) };
  }
  // For a few kilobytes of configuration nobody wants docker to pull a model.
  const wanted = options.engine ?? (dryRun ? 'registry' : undefined);
  const engine = await chooseEngine(wanted, engineOptions(options, context));
  const catalogue = loadCatalogue(options.catalogue);
  const plan = await guessPlan(source, { ...options, engine, catalogue }, context);
  return { plans: [plan], engine: dryRun ? undefined : engine };
}

async function guessPlan(
  source: Extract<Source, { kind: 'image' }>,
  options: Omit<BuildOptions, 'engine' | 'catalogue'> & {
    readonly engine: Engine;
    readonly catalogue: ReturnType<typeof loadCatalogue>;
  },
  context: CommandContext,
): Promise<Plan> {
  const { image, port, ready, predict, env } = source;
  const { engine, platform, catalogue, set } = options;
  const write = progressWriter(context, options, context.colours.stderr);
  const { config } = await engine.inspect({
    image,
    platform,
    signal: context.signal,
    progress: (message) => write(image, message),
  });
  refuseWrapped(image, config);
  const plan = planImage({ image, config, catalogue, port, ready, predict, environment: env, set }, options);
  for (const guess of plan.guesses ?? []) write(plan.row.name, `guessed ${guess}`);
  return plan;
}
