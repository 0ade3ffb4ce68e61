import { Command } from 'commander';
import { ConfigurationError } from '../../core/errors.ts';
import { parseTarget, shortReference } from '../../core/reference.ts';
import { type ModelRow, runtimeRow } from '../../core/row.ts';
import { findRow, loadCatalogue } from '../../image/catalogue/catalogue.ts';
import { guessRow } from '../../image/catalogue/guess.ts';
import { fillTemplate } from '../../image/catalogue/template.ts';
import { adapterRepository, dockerfileLines } from '../../image/engines/adapter-image.ts';
import { chooseEngine } from '../../image/engines/choose.ts';
import type { EngineName } from '../../image/engines/engine.ts';
import { type CommandContext, engineOptions } from '../context.ts';
import { type AdapterDocument, printedJson } from '../documents.ts';
import * as read from '../flags.ts';
import { dockerHub, type ImageDescription, type OutputOptions, usernameOf } from '../options.ts';
import { progressWriter } from '../output.ts';
import {
  addDescriptionOptions,
  addLayerOptions,
  addOutputOptions,
  addRegistryOptions,
  catalogueOption,
} from '../shared-options.ts';

/** Pushes an image that contains only the adapter, and prints the lines that add it to any image in a Dockerfile. */
export function adapterCommand(context: CommandContext): Command {
  const described = new Command('adapter')
    .description('push the adapter alone, for one line in a Dockerfile of your own')
    .optionsGroup('What to print the Dockerfile for:')
    .option('--models <name>', 'a model of the catalogue')
    .option('--set <name=value>', 'value for a {placeholder} of a template; may be repeated', read.readSet)
    .addOption(catalogueOption())
    .optionsGroup('Or any other model server, on port 5000 unless --port is given:');
  const command = addDescriptionOptions(described)
    .optionsGroup('Where to push:')
    .option('--username <name>', 'owner of the repository to push to (default: USERNAME)', read.readUsername)
    .option('--registry <host>', 'registry to push to', read.readRegistry, dockerHub)
    .option('--tag <tag>', 'tag to push', read.readTag, 'latest')
    .option('--no-push', 'leave the image in the docker engine')
    .option('--engine <docker|registry>', 'default: docker where its engine answers, else registry', read.readEngine)
    .action(async (flags: AdapterFlags) => adapter(flags, context));
  return addOutputOptions(addRegistryOptions(addLayerOptions(command, context.environment)));
}

interface AdapterFlags extends Partial<OutputOptions>, ImageDescription {
  readonly models?: string;
  readonly set?: Readonly<Record<string, string>>;
  readonly catalogue: string;
  readonly username?: string;
  readonly registry: string;
  readonly tag: string;
  readonly push: boolean;
  readonly engine?: EngineName;
  readonly platform: string;
  readonly runtimeImage: string;
  readonly insecure?: readonly string[];
  readonly allowRedirect?: readonly string[];
}

async function adapter(flags: AdapterFlags, context: CommandContext): Promise<void> {
  const { signal, colours } = context;
  const { platform, push, insecure = [], allowRedirect = [], quiet = false, json = false, verbose = false } = flags;
  const target = targetOf(flags, context);
  const { row, command } = describedServer(flags);
  const name = shortReference(target);
  const write = progressWriter(context, { quiet }, colours.stderr);
  const options = engineOptions({ runtimeImage: flags.runtimeImage, insecure, allowRedirect, verbose }, context);
  const engine = await chooseEngine(engineOf(flags), options);
  const progress = (message: string): void => write(name, message);
  const { digest, bytes } = await engine.buildAdapter({ target, platform, push, signal, progress });
  const usesBaseNode = row.server.kind === 'express';
  const dockerfile = dockerfileLines(name, row, { usesBaseNode, command });
  const document: AdapterDocument = { engine: engine.name, target: name, digest, bytes, row, dockerfile };
  context.stdout.write(
    json ? printedJson(document) : quiet ? `${name}\n` : adapterText(document, { isHttp: !usesBaseNode, command }),
  );
}

function targetOf({ username, registry, tag }: AdapterFlags, { environment }: CommandContext) {
  const owner = username ?? usernameOf(environment);
  if (owner === undefined) {
    throw new ConfigurationError('--username', undefined, `who owns the repository on ${registry}`);
  }
  return parseTarget(`${registry}/${owner}/${adapterRepository}:${tag}`);
}

function engineOf({ engine, push }: AdapterFlags): EngineName | undefined {
  if (push) return engine;
  if (engine === 'registry')
    throw new ConfigurationError('--no-push', true, '--engine docker, which can keep an image');
  return 'docker';
}

interface DescribedServer {
  readonly row: ModelRow;
  /** The command for the image's CMD, where readers of a Dockerfile expect it. */
  readonly command: readonly string[] | undefined;
}

function describedServer(flags: AdapterFlags): DescribedServer {
  const row = rowOf(flags);
  if (row.server.kind === 'express') return { row, command: undefined };
  const { command, ...server } = row.server;
  return { row: { ...row, server }, command };
}

function rowOf({
  models,
  set = {},
  catalogue,
  port,
  ready,
  predict,
  batch,
  route,
  command,
  arg,
  express,
  env,
}: AdapterFlags): ModelRow {
  const said: ImageDescription = { port, ready, predict, route, batch, command, arg, express, env };
  if (models !== undefined) {
    const other = Object.entries(said).find(([, value]) => value !== undefined);
    if (other !== undefined) throw new ConfigurationError(`--${other[0]}`, other[1], 'no such option beside --models');
    return runtimeRow(fillTemplate(findRow(loadCatalogue(catalogue, [models]), models), set));
  }
  const described = { ...said, args: arg, environment: env, routes: route };
  const withPort = express === undefined ? { ...described, port: port ?? 5000 } : described;
  return runtimeRow(guessRow({ image: 'model', config: {}, catalogue: [], set, ...withPort }).row);
}

function adapterText(
  { target, digest, dockerfile }: AdapterDocument,
  { isHttp, command }: { readonly isHttp: boolean; readonly command: readonly string[] | undefined },
): string {
  const own = isHttp && command === undefined;
  return [
    digest === undefined ? `made ${target}` : `pushed ${target} ${digest}`,
    '',
    'At the end of your Dockerfile:',
    '',
    ...dockerfile,
    ...(own ? ['# CMD: the command that starts your server, even where the image you begin with has one', ''] : ['']),
    'The model may also be described by a file: COPY model.json /modelwhisk/model.json instead of the ENV line.',
    '',
  ].join('\n');
}
