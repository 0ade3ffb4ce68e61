import { performance } from 'node:perf_hooks';
import { Command } from 'commander';
import { ModelwhiskError } from '../../core/errors.ts';
import { parseReference, parseTarget, shortReference, type TargetReference } from '../../core/reference.ts';
import { deployTargets } from '../../deploy/deployment.ts';
import { chooseEngine } from '../../image/engines/choose.ts';
import type { Engine } from '../../image/engines/engine.ts';
import { planRewrap, type RewrapRequest } from '../../image/engines/rewrap.ts';
import type { Progress } from '../../image/progress.ts';
import { type CommandContext, engineOptions } from '../context.ts';
import { printedJson } from '../documents.ts';
import { engineOf } from '../engine-of.ts';
import * as read from '../flags.ts';
import type { BuildOptions } from '../options.ts';
import { warningWriter } from '../output.ts';
import { openProgress } from '../progress.ts';
import { rewrapDocument, type RewrapReport, rewrapText } from '../rewrap-report.ts';
import { addOutputOptions, addRegistryOptions, runtimeImageOption } from '../shared-options.ts';

/** Makes an image of ours again, from the base that its labels name, with the adapter of this version. */
export function rewrapCommand(context: CommandContext): Command {
  const command = new Command('rewrap')
    .description('make an image again with the adapter of this version, and push it under the same name')
    .argument('<image>', 'an image that this program made')
    .optionsGroup('From what:')
    .option('--base <image>', 'base image instead of the one that its labels name', read.readBaseImage)
    .option('--latest-base', 'take what the base’s tag stands for now (default: the same digest)')
    .optionsGroup('Where to push:')
    .option('--tag <tag>', 'another tag to push (default: the same)', read.readTag)
    .option('--no-push', 'take the image from the docker engine, and leave the new one there')
    .option('--check', 'start the image once, and push it only if it becomes ready (docker engine)')
    .option('--output <where>', 'write it to oci:DIR or docker-archive:FILE instead (registry engine)', read.readOutput)
    .option('--dry-run', 'only say what would be made')
    .optionsGroup('How:')
    .option('--engine <docker|registry>', 'default: docker where its engine answers, else registry', read.readEngine)
    .addOption(runtimeImageOption(context.environment))
    .option('--allow-copy', 'registry engine: copy more than 100 MB where a registry refuses to mount')
    .action(async (image: string, flags: RewrapFlags) => rewrap(image, flags, context));
  return addOutputOptions(addRegistryOptions(command))
    .optionsGroup('Output:')
    .option(
      '--for <platforms>',
      `print how to update what is deployed on all, or ${deployTargets.join(', ')}`,
      read.readFor,
    );
}

type RewrapFlags = Pick<BuildOptions, 'runtimeImage' | 'push'> &
  Partial<
    Pick<
      BuildOptions,
      | 'engine'
      | 'tag'
      | 'check'
      | 'output'
      | 'dryRun'
      | 'allowCopy'
      | 'insecure'
      | 'allowRedirect'
      | 'for'
      | 'json'
      | 'quiet'
      | 'verbose'
    >
  > & { readonly base?: string; readonly latestBase?: boolean };

async function rewrap(image: string, flags: RewrapFlags, context: CommandContext): Promise<void> {
  const started = performance.now();
  const { base, latestBase = false, dryRun = false, quiet = false, json = false, verbose = false } = flags;
  const { push, output, check = false, insecure = [], allowRedirect = [] } = flags;
  if (base !== undefined && latestBase) {
    throw new ModelwhiskError('USAGE', '--latest-base does not go with --base', {
      hint: 'it takes the newest image of the tag that the labels name',
    });
  }
  const source = { kind: 'image', image } as const;
  const wanted = engineOf({ engine: flags.engine, push, check, output, insecure, source });
  const target = targetOf(image, flags);
  const { signal, program, stdout, colours } = context;
  const options = engineOptions({ ...flags, insecure, allowRedirect, verbose }, context);
  // For a dry run, read the configurations from the registry. docker would pull whole images.
  const engine = await chooseEngine(wanted ?? (dryRun ? 'registry' : undefined), options);
  const display = await openProgress(context, { quiet, verbose }, 1);
  const name = shortReference(target);
  const progress: Progress = (...what) => display.progress(name, ...what);
  const warn = warningWriter(context, { quiet }, colours.stderr);
  const request = { image, target, base, latestBase, isLocal: !push, program, signal, progress, warn };
  const made = await make(engine, request, { check, output, push, dryRun }).finally(display.close);
  const pushed = push && output === undefined;
  const milliseconds = performance.now() - started;
  const { for: platforms = [] } = flags;
  const how = { pushed, output, check, engine: engine.name, for: platforms, insecure, program };
  const report = { ...made, ...how, image, milliseconds };
  stdout.write(json ? printedJson(rewrapDocument(report)) : quiet ? `${name}\n` : rewrapText(report));
}

async function make(
  engine: Engine,
  request: RewrapRequest,
  { dryRun, ...how }: Pick<BuildOptions, 'check' | 'output' | 'push' | 'dryRun'>,
): Promise<Pick<RewrapReport, 'rewrap' | 'result'>> {
  const planned = await planRewrap(engine, request);
  if (dryRun) return { rewrap: planned, result: undefined };
  const { plan, platform } = planned;
  const { signal, progress } = request;
  await engine.announce([{ ...plan, push: how.push && how.output === undefined }]);
  return { rewrap: planned, result: await engine.build({ ...plan, ...how, platform, signal, progress }) };
}

function targetOf(image: string, { tag }: RewrapFlags): TargetReference {
  const { registry, repository, digest, tag: own } = parseReference(image);
  if (tag === undefined && digest !== undefined) {
    throw new ModelwhiskError('USAGE', `${image} is named by its digest, which cannot be pushed to`, {
      hint: 'give --tag TAG, or name the image by its tag',
    });
  }
  return parseTarget(`${registry}/${repository}:${tag ?? own ?? 'latest'}`);
}
