import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { ModelwhiskError } from '../core/errors.ts';
import { similarNames } from '../image/catalogue/similar-names.ts';
import type { CommandContext } from './context.ts';

/** Makes a command with its arguments, its options and its action. */
type CommandFactory = (context: CommandContext) => Command;

/** To add a command, write its file and add it here. A file is loaded only if the command line needs it. */
const commands: ReadonlyMap<string, () => Promise<CommandFactory>> = new Map([
  ['build', async () => (await import('./commands/build.ts')).buildCommand],
  ['adapter', async () => (await import('./commands/adapter.ts')).adapterCommand],
  ['copy', async () => (await import('./commands/copy.ts')).copyCommand],
  ['rewrap', async () => (await import('./commands/rewrap.ts')).rewrapCommand],
  ['verify', async () => (await import('./commands/verify.ts')).verifyCommand],
  ['list', async () => (await import('./commands/list.ts')).listCommand],
  ['show', async () => (await import('./commands/show.ts')).showCommand],
  ['try', async () => (await import('./commands/try.ts')).tryCommand],
  ['deploy', async () => (await import('./commands/deploy.ts')).deployCommand],
  ['remove', async () => (await import('./commands/remove.ts')).removeCommand],
  ['call', async () => (await import('./commands/call.ts')).callCommand],
  ['start', async () => (await import('./commands/start.ts')).startCommand],
]);

/** The command of a command line without a command. */
const defaultCommand = 'build';

/**
 * The parser for `argv`. It prints only help and the version, and never exits the process.
 *
 * @throws ModelwhiskError `USAGE` if `argv` starts with an unknown command
 */
export async function createProgram(argv: readonly string[], context: CommandContext): Promise<Command> {
  const program: Command = new Command(context.program)
    .description('Takes any model container image, adds one adapter, and makes it a serverless function.')
    .version(version())
    .addHelpText('after', () => `\n${helpOf(program, defaultCommand)}`);
  for (const name of neededFor(argv)) {
    const factory = await commands.get(name)?.();
    if (factory !== undefined) program.addCommand(factory(context), { isDefault: name === defaultCommand });
  }
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => void context.stdout.write(text),
      outputError: () => undefined,
    });
  }
  return program;
}

/** Whether a command line that starts with `word` is one of a command that it names. */
export function isCommand(word: string): boolean {
  return commands.has(word);
}

function neededFor([first = '-', second]: readonly string[]): Iterable<string> {
  if (commands.has(first)) return [first];
  if (first === 'help' && second !== undefined && second !== first) return neededFor([second]);
  if (['help', '--help', '-h', '--version', '-V'].includes(first)) return commands.keys();
  if (first.startsWith('-')) return [defaultCommand];
  const [similar] = similarNames(first, [...commands.keys()]);
  throw new ModelwhiskError('USAGE', `there is no command ${JSON.stringify(first)}`, {
    hint: `${similar === undefined ? '' : `did you mean ${similar}? `}the commands are ${[...commands.keys()].join(', ')}`,
  });
}

/** The whole help of a command. `helpInformation` alone leaves out its examples. */
function helpOf(program: Command, name: string): string {
  const parts: string[] = [];
  const command = program.commands.find((each) => each.name() === name);
  command?.configureOutput({ writeOut: (text) => void parts.push(text) }).outputHelp();
  return parts.join('').trimEnd();
}

function version(): string {
  const { version: current } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
    readonly version: string;
  };
  return current;
}
