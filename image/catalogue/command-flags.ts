import { parseArgsStringToArgv } from 'string-argv';
import { ConfigurationError } from '../../core/errors.ts';
import { commandLine } from '../../core/shell.ts';
import type { ImageFacts } from './image-facts.ts';

export interface CommandFlags {
  /** `--command`: a command line that replaces the image's CMD. The entrypoint stays. */
  readonly command?: string | undefined;
  /** `--arg`: further arguments, after those of the image or of `command`. */
  readonly args?: readonly string[] | undefined;
}

/**
 * The command of `--command` and `--arg`, which replaces the image's CMD; undefined if neither is given and the
 * recognised kind of server has none.
 *
 * @param known the command of the recognised kind of server
 * @throws ConfigurationError for arguments that would have no effect
 */
export function commandOf(
  { command, args }: CommandFlags,
  { entrypoint, command: ofImage }: Pick<ImageFacts, 'entrypoint' | 'command'>,
  known: readonly string[] | undefined,
): readonly string[] | undefined {
  const given = command === undefined ? undefined : words(command);
  if (args === undefined) return given ?? known;
  if (isShellForm(entrypoint)) {
    // Words after a shell's script are not arguments of the command in it.
    throw new ConfigurationError(
      '--arg',
      args,
      'no argument: the image has its ENTRYPOINT in shell form, which takes none',
    );
  }
  const before = given ?? known ?? ofImage;
  const [shell = '', option = '', script = ''] = before;
  return isShellForm(before) ? [shell, option, `${script} ${commandLine(args)}`] : [...before, ...args];
}

/** Splits a text into words like a shell. Quotes keep spaces; no other character is special. */
function words(line: string): readonly string[] {
  const divided = parseArgsStringToArgv(line);
  if (divided.length === 0)
    throw new ConfigurationError('--command', line, 'a command line, for example "serve --port 8090"');
  return divided;
}

/** What a Dockerfile's `CMD python app.py` becomes. */
function isShellForm(argv: readonly string[]): boolean {
  return argv.length === 3 && /(^|\/)(ba|da)?sh$/.test(argv[0] ?? '') && argv[1] === '-c';
}
