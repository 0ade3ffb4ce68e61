import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { ModelRow } from '../core/row.ts';
import type { Environment } from '../core/settings.ts';
import { commandLine } from '../core/shell.ts';
import { curlCommand } from '../deploy/curl.ts';
import type { Action, ActionLimits } from '../gateway/action.ts';
import type { Activation } from '../gateway/invoker/activation.ts';
import { printJson } from '../gateway/json/print.ts';
import { createGateway } from '../gateway/server.ts';
import type { CommandContext } from './context.ts';
import { digitsSample } from './digits.ts';
import { installation } from './installation.ts';
import { keyOf } from './gateway-key.ts';
import { loadPage } from './page-files.ts';
import type { AzureServices } from './serve-azure.ts';

export interface ServeOptions {
  readonly port: number;
  /** The flag that sets `port`, for hints. Default "--port". */
  readonly portFlag?: '--port' | '--listen';
  readonly host: string;
  /** `UUID:KEY` of the namespace. Default: the one that MODELWHISK_GATEWAY_KEY names, else a new one. */
  readonly key?: string;
  /** Host names under which the gateway may be called, besides `host`, IP addresses and localhost. Default: none. */
  readonly allowHost?: readonly string[];
  readonly quiet?: boolean;
  readonly json?: boolean;
  /** Limits of actions that the REST API creates. */
  readonly limits?: Partial<ActionLimits>;
  /** Where stand-ins for Azure listen, to be printed. Default: there are none. */
  readonly azure?: AzureServices['addresses'] | undefined;
}

/** Serves actions on this machine and prints how to call them. Resolves when the user interrupts. */
export async function serveGateway(
  actions: readonly Action[],
  {
    port,
    portFlag,
    host,
    key: given,
    allowHost = [],
    quiet = false,
    json = false,
    limits = {},
    azure = {},
  }: ServeOptions,
  { stdout, stderr, signal, environment }: CommandContext,
): Promise<void> {
  const key = given ?? keyOf(environment);
  const warn = (line: string): void => void stderr.write(`${line}\n`);
  const say = quiet ? () => undefined : warn;
  let gatewayUrl = '';
  const gateway = createGateway({
    actions,
    limits,
    hosts: [host, ...allowHost],
    key,
    page: async () => loadPage(installation, '.'),
    onActivation: (activation) => {
      say(activationText(activation));
      if (activation.outcome.response.status !== 'success') void tellFailure(activation, gatewayUrl, quiet).then(warn);
    },
    onLost: ({ action, activationId }) =>
      warn(`${action.name}: activation ${activationId} was lost: its container answered 503; there is no record of it`),
    onChange: ({ kind, name, change }) =>
      say(`${name}: the ${kind} was ${change}${change === 'created' ? '; it lasts until this gateway stops' : ''}`),
    onLog: (action, { text }) => say(`${action.name}: ${text}`),
  });
  try {
    const url = await gateway.listen(port, host, portFlag);
    gatewayUrl = url;
    gateway.prewarm();
    const folder = shellFolder(environment);
    const addresses = actions.map((action) => addressesOf(action, url, folder));
    stdout.write(
      json
        ? `${JSON.stringify({ url, namespace: 'guest', key, actions: addresses, azure })}\n`
        : `${addresses.map(({ web, curl }) => `${web}\n\n  ${curl}\n\n`).join('')}${keyText(key, url)}${azureText(azure)}Page: ${url}/\nPress Ctrl+C to stop.\n`,
    );
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    await gateway.close();
  }
}

/** The working directory of the user's shell. npm runs `npm start` in the package's folder, and says where it was called. */
function shellFolder(environment: Environment): string {
  const folder = process.cwd();
  return folder === installation.root ? (environment['INIT_CWD'] ?? folder) : folder;
}

interface ActionAddresses {
  readonly name: string;
  readonly web: string;
  /** A shell command that calls the action. */
  readonly curl: string;
}

/** @param folder working directory of the user's shell */
function addressesOf({ name, source, row }: Action, url: string, folder: string): ActionAddresses {
  const web = `${url}/api/v1/web/guest/default/${name}`;
  if (source.kind === 'process') {
    return { name, web, curl: commandLine(['curl', '-F', `image=@${relative(folder, digitsSample)}`, web]) };
  }
  return {
    name,
    web,
    curl: row === undefined ? commandLine(['curl', '-i', web]) : curlCommand(withFile(row, folder), web),
  };
}

/** A row whose sample is a file that exists, where it takes a picture: the line that is printed should work as pasted. */
function withFile(row: ModelRow, folder: string): ModelRow {
  const { input } = row.predict;
  const takesPicture =
    (input.kind === 'file' || input.kind === 'raw') && /^image\/|octet-stream/.test(input.contentType);
  const file = row.sample?.file;
  if (!takesPicture || (file !== undefined && existsSync(join(folder, file)))) return row;
  return { ...row, sample: { ...row.sample, file: relative(folder, digitsSample) } };
}

function activationText({ request, start: began, end, outcome }: Activation): string {
  const temperature = outcome.initTime === undefined ? 'warm' : `cold, init ${outcome.initTime} ms`;
  const { action, activationId } = request;
  return `${action.name}: activation ${activationId} ${outcome.response.status}, ${end - began} ms (${temperature})`;
}

function azureText({ functions, signalr }: AzureServices['addresses']): string {
  return [
    functions === undefined ? '' : `Azure function app, with its page: ${functions}/\n`,
    signalr === undefined ? '' : `SignalR: ${signalr}\n`,
  ].join('');
}

/** What the key is for: it opens the REST API, records among it, and not the web actions and the page. */
function keyText(key: string, url: string): string {
  return [
    `Key of this start: ${key}`,
    '',
    `  ${commandLine(['curl', '-u', key, `${url}/api/v1/namespaces/_/activations`])}`,
    `  ${commandLine(['export', `__OW_API_HOST=${url}`, `__OW_API_KEY=${key}`])}   # for the client "openwhisk" and ./build.ts`,
    `  ${commandLine(['wsk', 'property', 'set', '--apihost', url, '--auth', key])}`,
    '',
    '',
  ].join('\n');
}

/**
 * Why an activation failed, and where its record is, for stderr.
 *
 * @param isQuiet whether its container's output was not printed. Its last lines are printed here then
 */
async function tellFailure({ request, outcome }: Activation, url: string, isQuiet: boolean): Promise<string> {
  const { action, activationId } = request;
  const cause = printJson(outcome.response.result);
  const logs = isQuiet ? (await outcome.logs).slice(-10) : [];
  return [
    ...(isQuiet ? [`activation ${activationId} ${outcome.response.status}`] : []),
    ...logs.map((line) => line.replace(/^\S+ +std(out|err): /, '')),
    cause.length > 500 ? `${cause.slice(0, 500)}…` : cause,
    `record: ${url}/api/v1/namespaces/_/activations/${activationId}`,
  ]
    .map((line) => `${action.name}: ${line}`)
    .join('\n');
}
