import { Command } from 'commander';
import { createAction } from '../../gateway/action.ts';
import type { CommandContext } from '../context.ts';
import * as read from '../flags.ts';
import { checkServeOptions, serveGateway } from '../serve-gateway.ts';
import {
  addDescriptionOptions,
  addLayerOptions,
  allowHostOption,
  catalogueOption,
  keyOption,
} from '../shared-options.ts';
import { readConcurrency, readInstances, readListen, readTimeout } from '../start-flags.ts';
import { removeTemporary, wrapLocally, wrapRequest, type WrapFlags } from '../wrap-locally.ts';

interface TryFlags extends WrapFlags {
  readonly listen: number;
  readonly host: string;
  readonly allowHost?: readonly string[];
  readonly key?: string;
  readonly instances: number;
  readonly concurrency: number;
  readonly readOnly?: boolean;
  readonly raw?: boolean;
  /** Milliseconds. */
  readonly timeout: number;
}

/** Wraps an image in the Docker engine and serves it by the gateway until it is interrupted. */
export function tryCommand(context: CommandContext): Command {
  const command = new Command('try')
    .description('wrap an image and serve it on this machine at once, with a page; nothing is pushed')
    .argument('<image>', 'a model image, or the name of a model of the catalogue')
    .optionsGroup('What it is:')
    .option('--base <image>', 'base image instead of the catalogue’s', read.readBase)
    .option('--set <name=value>', 'value for a {placeholder} of a template; may be repeated', read.readSet)
    .addOption(catalogueOption());
  return addLayerOptions(addDescriptionOptions(command), context.environment)
    .optionsGroup('How it runs:')
    .option('--listen <port>', 'TCP port of the gateway, 0 for any', readListen, 3233)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .addOption(allowHostOption())
    .addOption(keyOption())
    .option('--instances <number>', 'containers at the most', readInstances, 1)
    .option('--concurrency <number>', 'calls that one container works on at a time', readConcurrency, 1)
    .option('--timeout <ms>', 'limit of the start and of each call, in milliseconds', readTimeout, 300_000)
    .option('--read-only', 'nothing but /tmp can be written, as on the strictest platforms')
    .option('--raw', 'a raw HTTP web action')
    .option('--json', 'print the addresses as one line of JSON')
    .option('--quiet', 'print activations, and what the container writes, only where they fail')
    .option('--verbose', 'print everything that docker prints')
    .addHelpText('after', examplesFor(context.program))
    .action(async (image: string, flags: TryFlags) => tryImage(image, flags, context));
}

function examplesFor(program: string): string {
  return `
Examples:
  ${program} try me/iris:2
  ${program} try max-ocr
  ${program} try me/iris:2 --port 5000 --predict '/predict json' --instances 3

The container is paused 10 s after its last call, and thawed for the next. Ctrl+C removes it.`;
}

async function tryImage(name: string, flags: TryFlags, context: CommandContext): Promise<void> {
  const request = wrapRequest(name, flags, context);
  const address = { ...flags, port: flags.listen, portFlag: '--listen' } as const;
  await checkServeOptions(address, context);
  const wrapped = await wrapLocally(request, context);
  const { image, row } = wrapped;
  const { raw = false, readOnly = false, timeout, instances, concurrency } = flags;
  const action = createAction({
    name: row.name,
    row,
    annotations: { 'raw-http': raw },
    limits: { timeout, instances, concurrency, memory: row.memory },
    source: { kind: 'image', image, environment: {}, readOnly },
  });
  try {
    await serveGateway([action], address, context);
  } finally {
    await removeTemporary([wrapped], context);
  }
}
