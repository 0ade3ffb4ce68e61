import { once } from 'node:events';
import { relative } from 'node:path';
import { Command } from 'commander';
import type { Environment } from '../../core/settings.ts';
import { commandLine } from '../../core/shell.ts';
import { type Action, createAction } from '../../gateway/action.ts';
import type { Activation } from '../../gateway/invoker/activation.ts';
import { guestKey } from '../../gateway/authentication.ts';
import { createGateway } from '../../gateway/server.ts';
import type { CommandContext } from '../context.ts';
import { digitsSample, digitsSource } from '../digits.ts';
import { type ActionFlag, readActions, readGatewayPort, readTimeout } from '../start-flags.ts';

interface StartFlags {
  readonly port: number;
  readonly host: string;
  /** Containers to serve instead of the digits example. */
  readonly action?: readonly ActionFlag[];
  readonly raw?: boolean;
  /** Milliseconds. */
  readonly timeout: number;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

/** Serves OpenWhisk's web actions on this machine until it is interrupted: what `npm start` does. */
export function startCommand(context: CommandContext): Command {
  const { environment, program } = context;
  const typed = environment['npm_lifecycle_event'] === 'start' ? 'npm start --' : `${program} start`;
  return new Command('start')
    .description("serve OpenWhisk's web actions on this machine, to try an action before deploying it (npm start)")
    .configureHelp({ commandUsage: () => `${typed} [options]` })
    .option('--port <number>', 'TCP port to listen on, 0 for any', readGatewayPort, 3233)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option(
      '--action <name=url>',
      'serve a running container instead of the digits example; may be repeated',
      readActions,
    )
    .option('--raw', 'raw HTTP web actions, as `wsk action create --web raw`')
    .option('--timeout <ms>', 'limit of /init and /run, each, in milliseconds', readTimeout, 60_000)
    .option('--quiet', 'print neither activations nor what the actions write')
    .option('--json', 'print the addresses as one line of JSON')
    .addHelpText('after', examplesFor(typed))
    .action(async (flags: StartFlags) => start(flags, context));
}

function examplesFor(typed: string): string {
  return `
Examples:
  ${typed.replace(/ --$/, '')}
  ${typed} --port 8081 --raw
  ${typed} --action ocr=http://172.17.0.2:8080
  ${typed} --action a=http://172.17.0.2:8080 --action b=http://172.17.0.3:8080`;
}

async function start(flags: StartFlags, { stdout, stderr, signal, environment }: CommandContext): Promise<void> {
  const actions = createActions(flags, environment);
  const say = (line: string): void => void (flags.quiet || stderr.write(`${line}\n`));
  const gateway = createGateway({
    actions,
    onActivation: (activation) => say(activationText(activation)),
    onLog: (action, { text }) => say(`${action.name}: ${text}`),
  });
  try {
    const url = await gateway.listen(flags.port, flags.host);
    gateway.prewarm();
    const folder = environment['INIT_CWD'] ?? process.cwd();
    const addresses = actions.map((action) => addressesOf(action, url, folder));
    stdout.write(
      flags.json
        ? `${JSON.stringify({ url, namespace: 'guest', key: guestKey, actions: addresses })}\n`
        : `${addresses.map(({ web, curl }) => `${web}\n\n  ${curl}\n\n`).join('')}Press Ctrl+C to stop.\n`,
    );
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    await gateway.close();
  }
}

function createActions({ action, raw = false, timeout }: StartFlags, environment: Environment): Action[] {
  const common = { annotations: { 'raw-http': raw }, limits: { timeout } };
  if (action === undefined) return [createAction({ ...common, name: 'digits', source: digitsSource(environment) })];
  return action.map(({ name, url }) => createAction({ ...common, name, source: { kind: 'container', url } }));
}

interface ActionAddresses {
  readonly name: string;
  readonly web: string;
  /** A command that calls the action, to be pasted into a shell. */
  readonly curl: string;
}

/** @param folder where that shell is */
function addressesOf({ name, source }: Action, url: string, folder: string): ActionAddresses {
  const web = `${url}/api/v1/web/guest/default/${name}`;
  if (source.kind === 'container') return { name, web, curl: commandLine(['curl', '-i', web]) };
  return { name, web, curl: commandLine(['curl', '-F', `image=@${relative(folder, digitsSample)}`, web]) };
}

function activationText({ request, start: began, end, outcome }: Activation): string {
  const temperature = outcome.initTime === undefined ? 'warm' : `cold, init ${outcome.initTime} ms`;
  const { action, activationId } = request;
  return `${action.name}: activation ${activationId} ${outcome.response.status}, ${end - began} ms (${temperature})`;
}
