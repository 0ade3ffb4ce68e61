import { execa } from 'execa';
import { ModelwhiskError } from '../../core/errors.ts';
import type { CommandContext } from '../context.ts';

/**
 * Runs commands in a shell one after the other, with their output on stderr. Rejects with ModelwhiskError at the first
 * failure. The commands before it have been executed.
 */
export async function runSteps(commands: readonly string[], context: CommandContext, quiet: boolean): Promise<void> {
  const { stderr, colours } = context;
  for (const [index, command] of commands.entries()) {
    if (!quiet) stderr.write(`${colours.stderr.dim(`[${index + 1} of ${commands.length}]`)} ${command}\n`);
    const { failed, exitCode, stderr: said } = await shell(command, context, quiet ? undefined : stderr);
    if (failed) throw failure(command, exitCode, said);
  }
}

/** What a command printed, or why it failed. */
export type Printed =
  | { readonly kind: 'output'; readonly text: string }
  | { readonly kind: 'failure'; /** The last line of its errors. */ readonly reason: string };

/** Runs a command that changes nothing. Rejects with ModelwhiskError if there is no such program. */
export async function printedBy(command: string, context: CommandContext): Promise<Printed> {
  const { failed, exitCode, stdout, stderr } = await shell(command, context, undefined);
  if (exitCode === notFound) throw failure(command, exitCode, stderr);
  return failed ? { kind: 'failure', reason: lastLine(stderr) } : { kind: 'output', text: stdout.trim() };
}

interface ShellResult {
  readonly failed: boolean;
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

async function shell(
  command: string,
  { environment, signal }: CommandContext,
  echo: CommandContext['stderr'] | undefined,
): Promise<ShellResult> {
  const tell = function* (line: unknown): Generator {
    echo?.write(`  ${String(line)}\n`);
    yield line;
  };
  const { failed, exitCode, stdout, stderr } = await execa('/bin/sh', ['-c', command], {
    env: environment,
    extendEnv: false,
    stdin: 'inherit',
    stdout: [tell, 'pipe'],
    stderr: [tell, 'pipe'],
    reject: false,
    cancelSignal: signal,
  });
  return { failed, exitCode, stdout, stderr };
}

/** A shell's exit code for an unknown command (POSIX, section 2.8.2). */
const notFound = 127;

function failure(command: string, exitCode: number | undefined, said: string): ModelwhiskError {
  // Variables may be set before the program's name.
  const program = command.split(' ').find((word) => !/^\w+=/.test(word)) ?? command;
  const how = exitCode === notFound ? howToGet[program] : undefined;
  if (exitCode === notFound) {
    return new ModelwhiskError(
      'NO_COMMAND',
      `there is no ${program} on the PATH`,
      how === undefined ? {} : { hint: how },
    );
  }
  return new ModelwhiskError('DEPLOY', `${program} ended with ${exitCode ?? 'a signal'}: ${lastLine(said)}`, {
    hint: `run it by itself to see everything: ${command}`,
  });
}

function lastLine(said: string): string {
  return said.trim().split('\n').at(-1) ?? '';
}

const howToGet: Readonly<Record<string, string>> = {
  aws: 'https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html',
  az: 'https://learn.microsoft.com/cli/azure/install-azure-cli',
  docker: 'https://docs.docker.com/engine/install',
  gcloud: 'https://cloud.google.com/sdk/docs/install',
  ibmcloud: 'https://cloud.ibm.com/docs/cli, then ibmcloud plugin install code-engine',
  kn: 'https://knative.dev/docs/client/install-kn',
  tccli: 'pip install tccli',
};
