import { Command } from 'commander';
import { createAction } from '../../gateway/action.ts';
import type { CommandContext } from '../context.ts';
import type { AzureFlags, AzureServices, PreparedAzure } from '../serve-azure.ts';
import { checkServeOptions, serveGateway } from '../serve-gateway.ts';
import { addLayerOptions, allowHostOption, catalogueOption, keyOption } from '../shared-options.ts';
import { type ActionFlags, definitionsOf } from '../start-actions.ts';
import {
  readActions,
  readDnsServer,
  readConcurrency,
  readAzurePort,
  readGatewayPort,
  readInstances,
  readTimeout,
} from '../start-flags.ts';
import { removeTemporary, type WrappedImage } from '../wrap-locally.ts';

interface StartFlags extends ActionFlags, AzureFlags {
  readonly port: number;
  readonly allowHost?: readonly string[];
  readonly key?: string;
  readonly raw?: boolean;
  /** Milliseconds. */
  readonly timeout: number;
  readonly instances: number;
  readonly concurrency: number;
}

/** Serves OpenWhisk's web actions on this machine until it is interrupted. `npm start` runs it. */
export function startCommand(context: CommandContext): Command {
  const { environment, program } = context;
  const typed = environment['npm_lifecycle_event'] === 'start' ? 'npm start --' : `${program} start`;
  const command = new Command('start')
    .description("serve OpenWhisk's web actions on this machine, to try an action before deploying it (npm start)")
    .configureHelp({ commandUsage: () => `${typed} [options]` })
    .option('--port <number>', 'TCP port to listen on, 0 for any', readGatewayPort, 3233)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .addOption(allowHostOption())
    .addOption(keyOption())
    .option(
      '--action <name=url>',
      'serve running containers (several URLs, dns+srv, dns+http), or an image (name=image); may be repeated',
      readActions,
    )
    .option('--dns-server <address>', 'DNS server of dns+srv and dns+http: ADDRESS or ADDRESS:PORT', readDnsServer)
    .option('--empty', 'serve nothing at first; deploy, wsk or the REST API create the actions')
    .option('--inherit <name...>', 'variables of this environment for the actions, such as AWS_PROFILE')
    .option('--instances <number>', 'instances of each action at the most', readInstances, 1)
    .option('--concurrency <number>', 'calls that one instance works on at a time', readConcurrency, 1)
    .option('--raw', 'raw HTTP web actions, as `wsk action create --web raw`')
    .option('--timeout <ms>', 'limit of /init and /run, each, in milliseconds', readTimeout, 60_000)
    .option('--azure <folder>', 'serve an Azure function app with a custom handler, too, such as examples/azure/app')
    .option('--azure-port <number>', 'TCP port of the function app, 0 for any', readAzurePort, 7071)
    .option('--signalr', "stand in for Azure's SignalR service, at the address of Microsoft's emulator")
    .option('--quiet', 'print activations, and what the actions write, only where they fail')
    .option('--json', 'print the addresses as one line of JSON')
    .addOption(catalogueOption())
    .addHelpText('after', examplesFor(typed))
    .action(async (flags: StartFlags) => start(flags, context));
  return addLayerOptions(command, environment);
}

function examplesFor(typed: string): string {
  return `
Examples:
  ${typed.replace(/ --$/, '')}
  ${typed} --port 8081 --raw
  ${typed} --action ocr=http://172.17.0.2:8080
  ${typed} --action a=http://172.17.0.2:8080 --action b=http://172.17.0.3:8080
  ${typed} --action ocr=http://172.17.0.2:8080,http://172.17.0.3:8080
  ${typed} --action ocr=dns+srv://_ocr._tcp.example --dns-server 127.0.0.1:8600
  ${typed} --action ocr=dns+http://tasks.ocr:8080
  ${typed} --action iris=me/iris:2 --instances 3
  ${typed} --empty
  ${typed} --azure examples/azure/app

What the REST API, or deploy, creates on it lasts until it stops.`;
}

async function start(flags: StartFlags, context: CommandContext): Promise<void> {
  const wrapped: WrappedImage[] = [];
  const definitions = definitionsOf(flags, context, wrapped);
  await checkServeOptions(flags, context);
  const hasAzure = flags.azure !== undefined || flags.signalr === true;
  const preparedAzure = hasAzure ? await prepareAzure(flags, context) : undefined;
  let azure: AzureServices | undefined;
  try {
    const actions = await Promise.all(definitions.map(async (make) => make()));
    // A function app of digits needs the packages that its action has installed.
    azure = await preparedAzure?.start();
    const { raw = false, timeout, instances, concurrency } = flags;
    const annotations = { 'raw-http': raw };
    const limits = { timeout, instances, concurrency };
    await serveGateway(
      actions.map((action) => createAction({ annotations, ...action, limits: { ...limits, ...action.limits } })),
      { ...flags, limits: { instances }, azure: azure?.addresses },
      context,
    );
  } finally {
    await azure?.close();
    await removeTemporary(wrapped, context);
  }
}

/** Loaded on demand, because Azure's packages are large. */
async function prepareAzure(flags: AzureFlags, context: CommandContext): Promise<PreparedAzure> {
  return (await import('../serve-azure.ts')).prepareAzure(flags, context);
}
