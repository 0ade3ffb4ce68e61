import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { ModelRow } from '../core/row.ts';
import type { Environment } from '../core/settings.ts';
import { commandLine } from '../core/shell.ts';
import { curlCommand } from '../deploy/curl.ts';
import type { Action } from '../gateway/action.ts';
import type { Activation } from '../gateway/invoker/activation.ts';
import { printJson } from '../gateway/json/print.ts';
import { digitsSample } from './digits.ts';
import { installation } from './installation.ts';
import type { AzureServices } from './serve-azure.ts';

/** Where an action is, as `--json` prints it. */
export interface ActionAddresses {
  readonly name: string;
  readonly web: string;
  /** A shell command that calls the action, from the working directory of the user's shell. */
  readonly curl: string;
}

export function addressesOf(
  actions: readonly Action[],
  url: string,
  environment: Environment,
): readonly ActionAddresses[] {
  const folder = shellFolder(environment);
  return actions.map(({ name, source, row }) => {
    const web = `${url}/api/v1/web/guest/default/${name}`;
    if (source.kind === 'process') {
      return { name, web, curl: commandLine(['curl', '-F', `image=@${relative(folder, digitsSample)}`, web]) };
    }
    const curl = row === undefined ? commandLine(['curl', '-i', web]) : curlCommand(withFile(row, folder), web);
    return { name, web, curl };
  });
}

/** What the gateway prints at its start, for people. */
export function addressText(
  addresses: readonly ActionAddresses[],
  { url, key, azure }: { readonly url: string; readonly key: string; readonly azure: AzureServices['addresses'] },
): string {
  const actions = addresses.map(({ web, curl }) => `${web}\n\n  ${curl}\n\n`).join('');
  return `${actions}${keyText(key, url)}${azureText(azure)}Page: ${url}/\nPress Ctrl+C to stop.\n`;
}

/** One line for an activation that has ended. */
export function activationText({ request, start: began, end, outcome }: Activation): string {
  const temperature = outcome.initTime === undefined ? 'warm' : `cold, init ${outcome.initTime} ms`;
  const { action, activationId } = request;
  return `${action.name}: activation ${activationId} ${outcome.response.status}, ${end - began} ms (${temperature})`;
}

/**
 * Why an activation failed, and where its record is.
 *
 * @param isQuiet whether its container's output was not printed. Its last lines are in the text then
 */
export async function failureText({ request, outcome }: Activation, url: string, isQuiet: boolean): Promise<string> {
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

/** The working directory of the user's shell. npm runs `npm start` in the package's folder, and says where it was called. */
function shellFolder(environment: Environment): string {
  const folder = process.cwd();
  return folder === installation.root ? (environment['INIT_CWD'] ?? folder) : folder;
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

function azureText({ functions, signalr }: AzureServices['addresses']): string {
  return [
    functions === undefined ? '' : `Azure function app, with its page: ${functions}/\n`,
    signalr === undefined ? '' : `SignalR: ${signalr}\n`,
  ].join('');
}
