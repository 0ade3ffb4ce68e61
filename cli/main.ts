import { CommanderError } from 'commander';
import { ConfigurationError, messageOf, ModelwhiskError } from '../core/errors.ts';
import type { Environment } from '../core/settings.ts';
import { build } from './commands/build.ts';
import { commandContext, type Io } from './commands/context.ts';
import { copy } from './commands/copy.ts';
import { verify } from './commands/verify.ts';
import { findRow, loadCatalogue } from '../image/catalogue/catalogue.ts';
import { errorDocument, type FailureDocument, printedJson } from './documents.ts';
import { listModels, showModel } from './list.ts';
import { errorText } from './output.ts';
import { createProgram } from './program.ts';

/**
 * `build.ts`: results go to stdout, progress and errors to stderr.
 *
 * @param argv the words behind the program's name
 * @returns the exit code: 0, or 1 when some images were not made or an image is not what it should be, 2 when the
 * command line cannot be used, 130 when interrupted
 */
export async function main(argv: readonly string[], environment: Environment, io: Io): Promise<number> {
  const context = commandContext(environment, io);
  let exitCode = 0;
  const program = createProgram(environment, io, {
    build: async (flags) => {
      exitCode = await build(flags, context);
    },
    copy: async (source, target, flags) => {
      exitCode = await copy(source, target, flags, context);
    },
    verify: async (image, flags) => {
      exitCode = await verify(image, flags, context);
    },
    list: ({ catalogue, json }) => void io.stdout.write(`${listModels(loadCatalogue(catalogue), { json })}\n`),
    show: (name, { catalogue, json }) =>
      void io.stdout.write(`${showModel(findRow(loadCatalogue(catalogue, [name]), name), { json })}\n`),
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0;
    const error = context.signal.aborted ? interrupted(thrown) : readable(thrown);
    const usage = isUsage(thrown);
    if (argv.includes('--json') && !usage) {
      const document: FailureDocument = { error: errorDocument(error) };
      io.stdout.write(printedJson(document));
    }
    io.stderr.write(errorText(error, { verbose: argv.includes('--verbose') }, context.colours.stderr));
    if (context.signal.aborted) return 130;
    return usage ? 2 : 1;
  }
}

function isUsage(thrown: unknown): boolean {
  return (
    thrown instanceof CommanderError ||
    thrown instanceof ConfigurationError ||
    (thrown instanceof ModelwhiskError && ['NO_MODEL', 'REFERENCE'].includes(thrown.code))
  );
}

type ReadableError = Pick<ModelwhiskError, 'code' | 'message' | 'hint' | 'stack'>;

function readable(thrown: unknown): ReadableError {
  if (thrown instanceof CommanderError) {
    const [message = '', ...more] = thrown.message.replace(/^error: /, '').split('\n');
    const hint = more.join(' ').replaceAll(/[()]/g, '') || './build.ts --help shows all options';
    return { code: 'USAGE', message, hint };
  }
  if (thrown instanceof ModelwhiskError) return thrown;
  const hint = '--verbose shows where it came from';
  return new ModelwhiskError('UNEXPECTED', messageOf(thrown), { cause: thrown, hint });
}

function interrupted(cause: unknown): ModelwhiskError {
  return new ModelwhiskError('INTERRUPTED', 'interrupted', { cause });
}
