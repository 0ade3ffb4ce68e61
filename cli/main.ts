import { CommanderError } from 'commander';
import { ConfigurationError, messageOf, ModelwhiskError } from '../core/errors.ts';
import type { Environment } from '../core/settings.ts';
import { type CommandContext, commandContext, type Io } from './context.ts';
import { errorDocument, type FailureDocument, printedJson } from './documents.ts';
import { errorText } from './output.ts';
import { createProgram, isCommand } from './program.ts';

/**
 * Runs one command line. Results go to stdout, progress and errors to stderr.
 *
 * @param argv the arguments after the program's name
 * @returns the exit code: 0 for success, 1 for a failure, 2 for an invalid command line, 130 if interrupted
 */
export async function main(argv: readonly string[], environment: Environment, io: Io): Promise<number> {
  const context = commandContext(environment, io);
  try {
    const program = await createProgram(argv, context);
    await program.parseAsync(argv, { from: 'user' });
    return context.exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0;
    if (context.signal.reason === 'EPIPE') return 0;
    const error = context.signal.aborted ? interrupted(thrown) : readable(thrown, argv, context);
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
    (thrown instanceof ModelwhiskError && ['NO_MODEL', 'REFERENCE', 'USAGE'].includes(thrown.code))
  );
}

type ReadableError = Pick<ModelwhiskError, 'code' | 'message' | 'hint' | 'stack'>;

function readable(thrown: unknown, [first = '']: readonly string[], { program }: CommandContext): ReadableError {
  if (thrown instanceof CommanderError) {
    const [message = '', ...more] = thrown.message.replace(/^error: /, '').split('\n');
    const help = `${program} ${isCommand(first) ? `${first} ` : ''}--help`;
    const hint = more.join(' ').replaceAll(/[()]/g, '') || `${help} shows all options`;
    return { code: 'USAGE', message, hint };
  }
  if (thrown instanceof ModelwhiskError) return thrown;
  const hint = '--verbose shows where it came from';
  return new ModelwhiskError('UNEXPECTED', messageOf(thrown), { cause: thrown, hint });
}

function interrupted(cause: unknown): ModelwhiskError {
  return new ModelwhiskError('INTERRUPTED', 'interrupted', { cause });
}
