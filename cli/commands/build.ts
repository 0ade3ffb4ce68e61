import { performance } from 'node:perf_hooks';
import { Command } from 'commander';
import { ConfigurationError } from '../../core/errors.ts';
import { deployTargets } from '../../deploy/deployment.ts';
import { runBuilds } from '../../image/engines/run-builds.ts';
import type { CommandContext } from '../context.ts';
import { printedJson } from '../documents.ts';
import * as read from '../flags.ts';
import { type BuildFlags, checkOptions, dockerHub } from '../options.ts';
import { errorText } from '../output.ts';
import { prepareBuilds } from '../prepare-builds.ts';
import { openProgress } from '../progress.ts';
import { buildDocument, quietReport, textReport } from '../report.ts';
import {
  addDescriptionOptions,
  addRegistryOptions,
  addLayerOptions,
  addOutputOptions,
  catalogueOption,
} from '../shared-options.ts';

/** Makes and pushes images. The default command. */
export function buildCommand(context: CommandContext): Command {
  const command = new Command('build')
    .description('lay the adapter onto model images and push the results (the default command)')
    .argument('[words...]')
    .usage('[options]')
    .addHelpText('after', examplesFor(context.program))
    .action(async ([word]: readonly string[], flags: BuildFlags) => {
      if (word !== undefined) throw new ConfigurationError('argument', word, 'options only; --models names the models');
      await build(flags, context);
    });
  addSourceOptions(command);
  addTargetOptions(command);
  addEngineOptions(command, context);
  return addOutputOptions(
    command
      .optionsGroup('Output:')
      .option(
        '--for <platforms>',
        `print how to deploy: all, or ${deployTargets.join(', ')} (default: openwhisk)`,
        read.readFor,
      ),
  );
}

function addSourceOptions(command: Command): void {
  const described = command
    .optionsGroup('Models of the catalogue:')
    .option('--models <names...>', 'models to build, by name, or all (default: MODELS)', read.readModels)
    .option('--base <[name=]image>', 'base image instead of the catalogue’s; may be repeated', read.readBase)
    .option('--set <name=value>', 'value for a {placeholder} of a template; may be repeated', read.readSet)
    .addOption(catalogueOption())
    .optionsGroup('Or any other image:')
    .option('--image <image>', 'model image; what is not said of it is guessed, and told', read.readImage);
  addDescriptionOptions(described);
}

function addTargetOptions(command: Command): void {
  command
    .optionsGroup('Where to push:')
    .option('--username <name>', 'owner of the repositories to push to (default: USERNAME)', read.readUsername)
    .option('--registry <host>', 'registry to push to', read.readRegistry, dockerHub)
    .option('--tag <tag>', 'tag to push', read.readTag, 'latest')
    .option('--no-push', 'leave the images in the docker engine')
    .option('--check', 'start each image once, and push it only if it becomes ready (docker engine)')
    .option(
      '--output <where>',
      'write them to oci:DIR or docker-archive:FILE instead (registry engine)',
      read.readOutput,
    )
    .option('--dry-run', 'only say what would be made');
}

function addEngineOptions(command: Command, { environment }: CommandContext): void {
  command
    .optionsGroup('How:')
    .option('--engine <docker|registry>', 'default: docker where its engine answers, else registry', read.readEngine)
    .option('--jobs <number>', 'models to build at the same time', read.readJobs, 4);
  addRegistryOptions(addLayerOptions(command, environment)).option(
    '--allow-copy',
    'registry engine: copy more than 100 MB where a registry refuses to mount',
  );
}

function examplesFor(program: string): string {
  return `
Examples:
  ${program} --models digits --username me
  ${program} --models max-ocr,max-image-caption-generator --username me --jobs 2 --for openwhisk,lambda
  ${program} --models all --username me --registry registry.example.com:5000 --tag v1 --json
  ${program} --models digits --base my-digits:dev --username me --no-push
  ${program} --image me/iris:2 --port 5000 --ready /health --predict '/predict json' --username me
  MODELS="digits max-ocr" USERNAME=me ${program}
  ${program} copy me/digits 123456789012.dkr.ecr.eu-west-1.amazonaws.com/digits
  ${program} verify me/digits
  ${program} rewrap me/digits

Credentials are Docker's own: run docker login first. REGISTRY_USERNAME and REGISTRY_PASSWORD go before them in a push
of the registry engine and in copy. HTTPS_PROXY, HTTP_PROXY and NO_PROXY are followed.
Exit code: 0 all went well, 1 an image was not made or is not what verify expects, 2 the command line cannot be used,
130 interrupted.`;
}

async function build(flags: BuildFlags, context: CommandContext): Promise<void> {
  const started = performance.now();
  const options = checkOptions(flags, context.environment);
  const { signal, colours, program } = context;
  const { plans, engine } = await prepareBuilds(options, context);
  const quiet = options.quiet || engine === undefined;
  const display = await openProgress(context, { ...options, quiet }, plans.length);
  const outcomes = await runBuilds(plans, engine, { ...options, ...display, signal }).finally(display.close);
  const report = { ...options, program, engine: engine?.name, milliseconds: performance.now() - started };
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
  if (outcomes.some(({ status }) => status === 'failed')) context.exitCode = 1;
  if (signal.aborted) context.exitCode = 130;
}
