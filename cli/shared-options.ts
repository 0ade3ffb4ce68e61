import { join } from 'node:path';
import { type Command, Option } from 'commander';
import type { Environment } from '../core/settings.ts';
import { RUNTIME_IMAGE } from '../image/layers/runtime.ts';
import * as read from './flags.ts';
import { readKey } from './gateway-key.ts';
import { readAllowHost } from './start-flags.ts';

// Options of several commands.

export function addOutputOptions(command: Command): Command {
  return command
    .option('--json', 'print one JSON document')
    .option('--quiet', 'print nothing but errors and the names of the images made')
    .option('--verbose', 'print everything that docker prints, and stacks with errors');
}

/** Options that describe an image that is not in the catalogue. Anything left out is guessed. */
export function addDescriptionOptions(command: Command): Command {
  return command
    .option('--port <number>', 'port that its server listens on', read.readPort)
    .option('--ready <check>', 'port | [:PORT]/PATH | /PATH#200-299 | /PATH#FIELD=VALUE[!FAILED,…]', read.readReady)
    .option('--predict <route>', '"[METHOD] /PATH[?NAME&NAME] [file:FIELD | json | raw | query]"', read.readPredict)
    .option('--route <route>', 'another route that takes a file, said in the same way; may be repeated', read.readRoute)
    .option(
      '--batch <route>',
      '"/PATH INPUT OUTPUT [largest=N] [wait=MS] [idempotent]…", where calls share requests, or off',
      read.readBatch,
    )
    .option('--command <line>', 'command that starts its server, instead of the image’s CMD', read.readCommand)
    .option('--arg <word>', 'argument to add to that command; may be repeated', read.readArgument)
    .option('--express <module[#export]>', 'Express app in it, run in the adapter’s process', read.readExpress)
    .option('--env <name=value>', 'variable for its server; may be repeated', read.readEnvironment);
}

/** Options for the adapter's layers. */
export function addLayerOptions(command: Command, environment: Environment): Command {
  return command
    .option('--platform <os/arch>', 'platform of the image', read.readPlatform, 'linux/amd64')
    .addOption(runtimeImageOption(environment));
}

export function runtimeImageOption(environment: Environment): Option {
  return new Option('--runtime-image <image>', 'Debian image of Node.js that the runtime layer is made from')
    .argParser(read.readRuntimeImage)
    .default(
      environment['MODELWHISK_RUNTIME_IMAGE'] ?? RUNTIME_IMAGE,
      'MODELWHISK_RUNTIME_IMAGE, else a pinned node:24-bookworm-slim',
    );
}

/** Options for registries that the registry engine does not trust by default. */
export function addRegistryOptions(command: Command): Command {
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

export function catalogueOption(): Option {
  const path = join(import.meta.dirname, '../models.json');
  return new Option('--catalogue <file>', 'file with the models').default(path, 'models.json of this project');
}

// Those of the commands that serve the gateway.

export function allowHostOption(): Option {
  return new Option(
    '--allow-host <name...>',
    'a name under which it may be called, beside localhost and IP addresses; may be repeated',
  ).argParser(readAllowHost);
}

export function keyOption(): Option {
  return new Option(
    '--key <uuid:key>',
    'key of its REST API; "guest" is the public one of OpenWhisk standalone. Default: MODELWHISK_GATEWAY_KEY, else a new one',
  ).argParser(readKey);
}
