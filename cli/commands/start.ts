import { relative } from 'node:path';
import { ModelwhiskError, messageOf } from '../../core/errors.ts';
import { createAction, type Action } from '../../gateway/action.ts';
import type { Activation } from '../../gateway/activations.ts';
import { guestKey } from '../../gateway/authentication.ts';
import { isHelpOrVersion, parseCommandLine, type CliOptions } from '../start-flags.ts';
import { digitsSample, digitsSource } from '../digits.ts';
import { createGateway, type Gateway } from '../../gateway/server.ts';

try {
  await start(parseCommandLine(process.argv));
} catch (error) {
  if (!isHelpOrVersion(error)) {
    console.error(messageOf(error));
    console.error((error instanceof ModelwhiskError && error.hint) || 'see npm start -- --help');
    process.exitCode = 1;
  }
}

async function start(options: CliOptions): Promise<void> {
  const actions = createActions(options);
  const gateway = createGateway({
    actions,
    ...(options.quiet
      ? {}
      : { onActivation: reportActivation, onLog: (action, line) => console.error(`${action.name}: ${line.text}`) }),
  });
  const url = await gateway.listen(options.port, options.host);
  closeOnSignal(gateway);
  const addresses = actions.map((action) => addressesOf(action, url));
  if (options.json) {
    console.log(JSON.stringify({ url, namespace: 'guest', key: guestKey, actions: addresses }));
  } else {
    for (const { web, curl } of addresses) console.log(`${web}\n\n  ${curl}\n`);
    console.log('Press Ctrl+C to stop.');
  }
}

function createActions(options: CliOptions): Action[] {
  const common = { annotations: { 'raw-http': options.raw }, limits: { timeout: options.timeout } };
  if (options.action.length === 0) return [createAction({ ...common, name: 'digits', source: digitsSource() })];
  return options.action.map(({ name, url }) => createAction({ ...common, name, source: { kind: 'container', url } }));
}

interface ActionAddresses {
  readonly name: string;
  readonly web: string;
  /** A command that calls the action, to be pasted into the shell that ran `npm start`. */
  readonly curl: string;
}

function addressesOf({ name, source }: Action, url: string): ActionAddresses {
  const web = `${url}/api/v1/web/guest/default/${name}`;
  const sample = source.kind === 'process' ? digitsSample() : undefined;
  if (sample === undefined) return { name, web, curl: `curl -i ${web}` };
  const path = relative(process.env['INIT_CWD'] ?? process.cwd(), sample);
  return { name, web, curl: `curl -F ${shellQuote(`image=@${path}`)} ${web}` };
}

function shellQuote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function reportActivation({ request, start: began, end, outcome }: Activation): void {
  const temperature = outcome.initTime === undefined ? 'warm' : `cold, init ${outcome.initTime} ms`;
  const duration = `${end - began} ms (${temperature})`;
  console.error(`${request.action.name}: activation ${request.activationId} ${outcome.response.status}, ${duration}`);
}

function closeOnSignal(gateway: Gateway): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // Not `once`: without a listener left, execa's own clean-up would end this process by the signal.
    process.on(signal, () => {
      void gateway.close().then(() => process.exit(0));
    });
  }
}
