import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { ConfigurationError } from '../core/errors.ts';
import {
  type BuildFlags,
  dockerHub,
  readBase,
  readEngine,
  readInsecure,
  readJobs,
  readModels,
  readPlatform,
  readReference,
  readRegistry,
  readSet,
  readTag,
  readUsername,
} from './options.ts';
import type { Output } from './output.ts';
import { RUNTIME_IMAGE } from './runtime.ts';

/** What each command of `build.ts` does with its flags. */
export interface Actions {
  readonly build: (flags: BuildFlags) => Promise<void>;
  readonly list: (flags: ListFlags) => void;
  readonly show: (name: string, flags: ListFlags) => void;
  readonly copy: (from: string, to: string, flags: RegistryFlags) => Promise<void>;
  readonly verify: (image: string, flags: VerifyFlags) => Promise<void>;
}

/** Flags of the commands that speak to registries alone. */
export interface RegistryFlags {
  readonly allowCopy?: boolean;
  readonly insecure?: readonly string[];
  readonly json?: boolean;
}

export interface VerifyFlags extends RegistryFlags {
  readonly platform: string;
  readonly runtimeImage: string;
}

export interface ListFlags {
  readonly json?: boolean;
  readonly catalogue: string;
}

/** The command line of `build.ts`, ready to parse. It prints only what it is asked for, and never ends the process. */
export function createProgram(
  environment: Readonly<Record<string, string | undefined>>,
  output: Output,
  actions: Actions,
): Command {
  const program = new Command('build.ts')
    .description('Lays the adapter onto model images and pushes the results, ready to be serverless actions.')
    .option('--models <names...>', 'models to build, by name, or all', readModels)
    .option('--username <name>', 'owner of the repositories to push to', readUsername)
    .option('--registry <host>', 'registry to push to', readRegistry, dockerHub)
    .option('--tag <tag>', 'tag to push', readTag, 'latest')
    .option('--base <[name=]image>', 'base image instead of the catalogue’s; may be repeated', readBase)
    .option('--set <name=value>', 'value for a {placeholder} of a template; may be repeated', readSet)
    .option('--jobs <number>', 'models to build at the same time', readJobs, 4)
    .option('--platform <os/arch>', 'platform of the images', readPlatform, 'linux/amd64')
    .option('--engine <docker|registry>', 'default: docker where its engine answers, else registry', readEngine)
    .addOption(runtimeImageOption(environment))
    .option('--allow-copy', 'registry engine: copy more than 100 MB where a registry refuses to mount')
    .option('--insecure <host>', 'registry engine: a registry without TLS; may be repeated', readInsecure)
    .option('--no-push', 'leave the images in the docker engine')
    .option('--dry-run', 'only say what would be made')
    .option('--quiet', 'print nothing but errors and the names of the images made')
    .option('--verbose', 'print everything that docker prints, and stacks with errors')
    .addHelpText('after', examples)
    .version(version())
    .enablePositionalOptions()
    .argument('[words...]')
    .action(async (words: readonly string[], flags: BuildFlags) => {
      const [word] = words;
      if (word !== undefined)
        throw new ConfigurationError(
          'argument',
          word,
          'list, show, copy, verify, or options: --models names the models',
        );
      await actions.build(flags);
    });
  addListOptions(program);

  addListOptions(program.command('list').description('list the models of the catalogue')).action(actions.list);
  addListOptions(program.command('show').description('show one model').argument('<name>')).action(actions.show);

  addRegistryOptions(program.command('copy').description('copy a finished image to another repository or registry'))
    .argument('<from>')
    .argument('<to>')
    .option('--allow-copy', 'copy more than 100 MB where a registry refuses to mount')
    .action(actions.copy);
  addRegistryOptions(
    program.command('verify').description('tell whether an image is exactly its base and this adapter'),
  )
    .argument('<image>')
    .option('--platform <os/arch>', 'platform of the image', readPlatform, 'linux/amd64')
    .addOption(runtimeImageOption(environment))
    .action(actions.verify);

  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => void output.stdout.write(text),
      outputError: () => undefined,
    });
  }
  return program;
}

/** Where rows come from unless `--catalogue` says otherwise. */
const defaultCatalogue = join(import.meta.dirname, '../models.json');

function runtimeImageOption(environment: Readonly<Record<string, string | undefined>>): Option {
  return new Option('--runtime-image <image>', 'Debian image of Node.js that the runtime layer is made from')
    .argParser(readReference)
    .default(
      environment['MODELWHISK_RUNTIME_IMAGE'] ?? RUNTIME_IMAGE,
      'MODELWHISK_RUNTIME_IMAGE, else a pinned node:24-bookworm-slim',
    );
}

function addRegistryOptions(command: Command): Command {
  return command
    .option('--json', 'print JSON for machines')
    .option('--insecure <host>', 'a registry without TLS; may be repeated', readInsecure);
}

function addListOptions(command: Command): Command {
  return command
    .option('--json', 'print JSON for machines')
    .addOption(
      new Option('--catalogue <file>', 'file with the models').default(defaultCatalogue, 'models.json of this project'),
    );
}

function version(): string {
  const { version: current } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
    readonly version: string;
  };
  return current;
}

const examples = `
Examples:
  ./build.ts --models digits --username me
  ./build.ts --models max-ocr,max-image-caption-generator --username me --jobs 2
  ./build.ts --models all --username me --registry registry.example.com:5000 --tag v1 --json
  ./build.ts --models digits --base my-digits:dev --username me --no-push

Credentials are Docker's own: run docker login first.
Exit code: 0 all images were made, 1 some were not, 2 the command line cannot be used, 130 interrupted.`;
