import { homedir } from 'node:os';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { ConfigurationError, messageOf, ModelwhiskError } from '../core/errors.ts';
import { findRow, loadCatalogue } from './catalogue.ts';
import type { EngineOptions } from './engine.ts';
import { chooseEngine } from './engines.ts';
import { listModels, showModel } from './list.ts';
import { type BuildFlags, type BuildOptions, checkOptions } from './options.ts';
import { coloursFor, errorText, type Output, progressWriter } from './output.ts';
import { planBuilds } from './plan.ts';
import { createProgram } from './program.ts';
import { jsonReport, quietReport, textReport } from './report.ts';
import type { CommandContext } from './registry/commands.ts';
import { type Outcome, runBuilds } from './run.ts';

/** What the program needs of the process that it runs in. */
export interface Io extends Output {
  /** Aborted when the user interrupts. */
  readonly signal?: AbortSignal;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * `build.ts`: results go to stdout, progress and errors to stderr.
 *
 * @param argv the words behind the program's name
 * @returns the exit code: 0, or 1 when some images were not made, 2 when the command line cannot be used, 130 when interrupted
 */
export async function main(argv: readonly string[], environment: Environment, io: Io): Promise<number> {
  const colours = coloursFor(io.stderr, environment);
  const verbose = argv.includes('--verbose');
  let exitCode = 0;
  const program = createProgram(environment, io, {
    build: async (flags) => {
      exitCode = await build(flags, environment, io);
    },
    copy: async (from, to, flags) => {
      const { runCopy } = await import('./registry/commands.ts');
      const options = { ...flags, ...fixedOptions(environment, flags) };
      io.stdout.write(`${await runCopy(from, to, options, commandContext(flags, io))}\n`);
    },
    verify: async (image, flags) => {
      const { runVerify } = await import('./registry/commands.ts');
      const options = { verbose, ...flags, ...fixedOptions(environment, flags) };
      const { text, verified } = await runVerify(image, flags.platform, options, commandContext(flags, io));
      io.stdout.write(`${text}\n`);
      exitCode = verified ? 0 : 1;
    },
    list: ({ catalogue, json }) => void io.stdout.write(`${listModels(loadCatalogue(catalogue), { json })}\n`),
    show: (name, { catalogue, json }) =>
      void io.stdout.write(`${showModel(findRow(loadCatalogue(catalogue), name), { json })}\n`),
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0;
    io.stderr.write(errorText(readable(thrown), { verbose }, colours));
    return isUsage(thrown) ? 2 : 1;
  }
}

function commandContext({ json = false }: { readonly json?: boolean }, { signal, stderr }: Io): CommandContext {
  const progress = (message: string): void => void stderr.write(`${message}\n`);
  return { json, progress, signal: signal ?? new AbortController().signal };
}

async function build(flags: BuildFlags, environment: Environment, io: Io): Promise<number> {
  const options = checkOptions(flags);
  const plans = planBuilds(loadCatalogue(options.catalogue), options);
  const signal = io.signal ?? new AbortController().signal;
  const colours = coloursFor(io.stderr, environment);
  const engine = options.dryRun
    ? undefined
    : await chooseEngine(options.engine, { ...options, ...fixedOptions(environment, options) });
  const progress = progressWriter(io, options, colours);
  const outcomes = await runBuilds(plans, engine, { ...options, signal, progress });
  io.stdout.write(report(engine?.name ?? options.engine, outcomes, options, coloursFor(io.stdout, environment)));
  for (const outcome of outcomes) {
    if (outcome.status !== 'failed') continue;
    const { error, plan } = outcome;
    const { message, hint, stack } = error;
    io.stderr.write(errorText({ message: `${plan.row.name}: ${message}`, hint, stack }, options, colours));
  }
  if (signal.aborted) return 130;
  return outcomes.some(({ status }) => status === 'failed') ? 1 : 0;
}

function report(
  engine: string | undefined,
  outcomes: readonly Outcome[],
  { json, quiet }: Pick<BuildOptions, 'json' | 'quiet'>,
  colours: Parameters<typeof textReport>[1],
): string {
  const text = json ? jsonReport(engine, outcomes) : quiet ? quietReport(outcomes) : textReport(outcomes, colours);
  return text === '' ? '' : `${text}\n`;
}

function fixedOptions(
  environment: Environment,
  { insecure }: { readonly insecure?: readonly string[] },
): Pick<EngineOptions, 'cacheFolder' | 'adapterEntry' | 'environment' | 'insecureRegistries'> {
  const adapterEntry = join(import.meta.dirname, '../adapter/main.ts');
  return { cacheFolder: cacheFolder(environment), adapterEntry, environment, insecureRegistries: insecure };
}

/** Folder for what later runs can use again (XDG Base Directory Specification). */
function cacheFolder(environment: Environment): string {
  return join(environment['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'modelwhisk');
}

function isUsage(thrown: unknown): boolean {
  return (
    thrown instanceof CommanderError ||
    thrown instanceof ConfigurationError ||
    (thrown instanceof ModelwhiskError && thrown.code === 'NO_MODEL')
  );
}

function readable(thrown: unknown): { message: string; hint?: string | undefined; stack?: string | undefined } {
  if (thrown instanceof CommanderError) {
    const [message = '', ...more] = thrown.message.replace(/^error: /, '').split('\n');
    return { message, hint: more.join(' ').replaceAll(/[()]/g, '') || './build.ts --help shows all options' };
  }
  if (thrown instanceof Error) return thrown;
  return { message: messageOf(thrown) };
}
