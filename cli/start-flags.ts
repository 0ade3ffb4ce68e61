import { Command, CommanderError, InvalidArgumentError } from 'commander';
import packageJson from '../package.json' with { type: 'json' };

/** What the command line says. */
export interface CliOptions {
  readonly port: number;
  readonly host: string;
  /** Containers to serve instead of the digits example. */
  readonly action: readonly { readonly name: string; readonly url: URL }[];
  readonly raw: boolean;
  /** Milliseconds. */
  readonly timeout: number;
  readonly quiet: boolean;
  readonly json: boolean;
}

/**
 * Reads the command line (`process.argv`). Throws CommanderError for --help and --version (exit code 0), which have
 * been printed by then, and for wrong options (exit code 1), which have not.
 */
export function parseCommandLine(argv: readonly string[]): CliOptions {
  return createCommand()
    .parse([...argv])
    .opts<CliOptions>();
}

/** Whether commander ended the command line by itself, with nothing gone wrong. */
export function isHelpOrVersion(error: unknown): boolean {
  return error instanceof CommanderError && error.exitCode === 0;
}

function createCommand(): Command {
  return new Command('npm start --')
    .description("OpenWhisk's web actions on one machine, to try an action before deploying it.")
    .version(packageJson.version)
    .option('--port <number>', 'TCP port to listen on, 0 for any', parsePort, 3233)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option(
      '--action <name=url>',
      'serve a running container instead of the digits example (repeatable)',
      addAction,
      [],
    )
    .option('--raw', 'raw HTTP web actions, as `wsk action create --web raw`')
    .option('--timeout <ms>', 'limit of /init and /run, each, in milliseconds', parseTimeout, 60_000)
    .option('--quiet', 'print neither activations nor what the actions write')
    .option('--json', 'print the addresses as one line of JSON')
    .addHelpText('after', examples)
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ outputError: () => undefined });
}

const examples = `
Examples:
  npm start                                                     the digits example
  npm start -- --port 8081 --raw                                raw HTTP, another port
  npm start -- --action ocr=http://172.17.0.2:8080              a container that runs already
  npm start -- --action a=http://172.17.0.2:8080 --action b=http://172.17.0.3:8080`;

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('Expected a number from 0 to 65535.');
}

function parseTimeout(text: string): number {
  const timeout = Number(text);
  if (/^\d+$/.test(text) && timeout >= 100 && timeout <= 300_000) return timeout;
  throw new InvalidArgumentError('Expected milliseconds from 100 to 300000, as OpenWhisk allows.');
}

function addAction(text: string, previous: CliOptions['action'] = []): CliOptions['action'] {
  const [, name, address] = /^(\w[\w@.-]*)=(.+)$/.exec(text) ?? [];
  const url = address !== undefined && URL.canParse(address) ? new URL(address) : undefined;
  if (name !== undefined && url?.protocol === 'http:') return [...previous, { name, url }];
  throw new InvalidArgumentError('Expected NAME=URL, for example digits=http://172.17.0.2:8080.');
}
