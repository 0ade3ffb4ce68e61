import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { ConfigurationError } from '../core/errors.ts';
import type { Environment } from '../core/settings.ts';
import type { CopyFlags } from './commands/copy.ts';
import type { VerifyFlags } from './commands/verify.ts';
import { deployTargets } from '../deploy/deployment.ts';
import * as read from './flags.ts';
import { type BuildFlags, dockerHub } from './options.ts';
import type { Output } from './output.ts';
import { RUNTIME_IMAGE } from '../image/layers/runtime.ts';

/** What each command of `build.ts` does with its flags. */
export interface Actions {
  readonly build: (flags: BuildFlags) => Promise<void>;
  readonly copy: (source: string, target: string, flags: CopyFlags) => Promise<void>;
  readonly verify: (image: string, flags: VerifyFlags) => Promise<void>;
  readonly list: (flags: ListFlags) => void;
  readonly show: (name: string, flags: ListFlags) => void;
}

export interface ListFlags {
  readonly json?: boolean;
  readonly catalogue: string;
}

/** The command line of `build.ts`, ready to parse. It prints only what it is asked for, and never ends the process. */
export function createProgram(environment: Environment, output: Output, actions: Actions): Command {
  const program = new Command('build.ts')
    .description('Lays the adapter onto model images and pushes the results, ready to be serverless functions.')
    .version(version())
    .enablePositionalOptions()
    .argument('[words...]')
    .addHelpText('after', examples)
    .action(async (words: readonly string[], flags: BuildFlags) => {
      const [word] = words;
      if (word !== undefined)
        throw new ConfigurationError(
          'argument',
          word,
          'copy, list, show, verify, or options: --models names the models',
        );
      await actions.build(flags);
    });
  addSourceOptions(program);
  addTargetOptions(program);
  addEngineOptions(program, environment);
  addOutputOptions(
    program
      .optionsGroup('Output:')
      .option(
        '--for <platforms>',
        `print how to deploy: all, or ${deployTargets.join(', ')} (default: openwhisk)`,
        read.readFor,
      ),
  );

  addOutputOptions(addRegistryOptions(program.command('copy')))
    .description('move a finished image to another registry, byte for byte')
    .argument('<source>')
    .argument('<target>')
    .option('--allow-copy', 'copy more than 100 MB where a registry refuses to mount its own layers')
    .option('--dry-run', 'only say what would be copied')
    .action(actions.copy);
  addOutputOptions(addLayerOptions(addRegistryOptions(program.command('verify')), environment))
    .description('tell whether an image is exactly the base that it names and this adapter')
    .argument('<image>')
    .action(actions.verify);
  addListOptions(program.command('list').description('list the models of the catalogue')).action(actions.list);
  addListOptions(program.command('show').description('show one model')).argument('<name>').action(actions.show);

  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => void output.stdout.write(text),
      outputError: () => undefined,
    });
  }
  return program;
}

function addSourceOptions(command: Command): void {
  command
    .optionsGroup('Models of the catalogue:')
    .option('--models <names...>', 'models to build, by name, or all', read.readModels)
    .option('--base <[name=]image>', 'base image instead of the catalogue’s; may be repeated', read.readBase)
    .option('--set <name=value>', 'value for a {placeholder} of a template; may be repeated', read.readSet)
    .addOption(catalogueOption())
    .optionsGroup('Or any other image:')
    .option('--image <image>', 'model image; what is not said of it is guessed, and told', read.readImage)
    .option('--port <number>', 'port that its server listens on', read.readPort)
    .option('--ready <check>', 'port | /PATH | /PATH#200-299 | /PATH#FIELD=VALUE', read.readReady)
    .option('--predict <route>', '"[METHOD] /PATH [file:FIELD | json | query]"', read.readPredict)
    .option('--env <name=value>', 'variable for its server; may be repeated', read.readEnvironment);
}

function addTargetOptions(command: Command): void {
  command
    .optionsGroup('Where to push:')
    .option('--username <name>', 'owner of the repositories to push to', read.readUsername)
    .option('--registry <host>', 'registry to push to', read.readRegistry, dockerHub)
    .option('--tag <tag>', 'tag to push', read.readTag, 'latest')
    .option('--no-push', 'leave the images in the docker engine')
    .option('--dry-run', 'only say what would be made');
}

function addEngineOptions(command: Command, environment: Environment): void {
  command
    .optionsGroup('How:')
    .option('--engine <docker|registry>', 'default: docker where its engine answers, else registry', read.readEngine)
    .option('--jobs <number>', 'models to build at the same time', read.readJobs, 4);
  addRegistryOptions(addLayerOptions(command, environment)).option(
    '--allow-copy',
    'registry engine: copy more than 100 MB where a registry refuses to mount',
  );
}

function addLayerOptions(command: Command, environment: Environment): Command {
  return command
    .option('--platform <os/arch>', 'platform of the image', read.readPlatform, 'linux/amd64')
    .addOption(
      new Option('--runtime-image <image>', 'Debian image of Node.js that the runtime layer is made from')
        .argParser(read.readRuntimeImage)
        .default(
          environment['MODELWHISK_RUNTIME_IMAGE'] ?? RUNTIME_IMAGE,
          'MODELWHISK_RUNTIME_IMAGE, else a pinned node:24-bookworm-slim',
        ),
    );
}

function addRegistryOptions(command: Command): Command {
  return command
    .option(
      '--insecure <host>',
      'registry to speak plain HTTP to, other than loopback (registry engine); may be repeated',
      read.readInsecure,
    )
    .option(
      '--allow-redirect <host>',
      'host with a private address that a public registry may send us to; may be repeated',
      read.readAllowRedirect,
    );
}

function addOutputOptions(command: Command): Command {
  return command
    .option('--json', 'print one JSON document')
    .option('--quiet', 'print nothing but errors and the names of the images made')
    .option('--verbose', 'print everything that docker prints, and stacks with errors');
}

function addListOptions(command: Command): Command {
  return command.option('--json', 'print JSON').addOption(catalogueOption());
}

function catalogueOption(): Option {
  const path = join(import.meta.dirname, '../models.json');
  return new Option('--catalogue <file>', 'file with the models').default(path, 'models.json of this project');
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
  ./build.ts --models max-ocr,max-image-caption-generator --username me --jobs 2 --for openwhisk,lambda
  ./build.ts --models all --username me --registry registry.example.com:5000 --tag v1 --json
  ./build.ts --models digits --base my-digits:dev --username me --no-push
  ./build.ts --image me/iris:2 --port 5000 --ready /health --predict '/predict json' --username me
  ./build.ts copy me/digits 123456789012.dkr.ecr.eu-west-1.amazonaws.com/digits
  ./build.ts verify me/digits

Credentials are Docker's own: run docker login first. REGISTRY_USERNAME and REGISTRY_PASSWORD go before them in a push
of the registry engine and in copy. HTTPS_PROXY, HTTP_PROXY and NO_PROXY are followed.
Exit code: 0 all went well, 1 an image was not made or is not what verify expects, 2 the command line cannot be used,
130 interrupted.`;
