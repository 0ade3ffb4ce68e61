import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { codeOf, ConfigurationError, messageOf } from '../../core/errors.ts';
import { parseJsonFile } from '../../core/json-file.ts';
import { parseConfiguration } from '../../core/parse.ts';
import type { Environment } from '../../core/settings.ts';
import { type AppFunction, bindingsSchema, functionOf } from './app-function.ts';
import { applySettings } from './host-settings.ts';

/** A function app with a custom handler (learn.microsoft.com: azure-functions/functions-custom-handlers). */
export interface FunctionApp {
  /** Prefix of all routes, without "/" at its ends. It may be empty. */
  readonly routePrefix: string;
  readonly handler: {
    readonly executable: string;
    readonly arguments: readonly string[];
    readonly folder: string;
  };
  readonly queues: QueueOptions;
  readonly functions: readonly AppFunction[];
  /** Application settings: the variables of the handler, connection strings among them. */
  readonly settings: Readonly<Record<string, string>>;
}

/** host.json's `extensions.queues` (learn.microsoft.com: azure-functions/functions-host-json). */
export type QueueOptions = z.output<typeof queuesSchema>;

const queuesSchema = z.object({
  messageEncoding: z.enum(['base64', 'none']).default('base64'),
  /** Messages taken at a time. */
  batchSize: z.int().min(1).max(32).default(16),
  /** Further messages are taken when only this number is in progress. */
  newBatchThreshold: z.int().min(0).max(1000).default(8),
  /** Tries before a message goes to the poison queue. */
  maxDequeueCount: z.int().min(1).default(5),
});

const hostSchema = z.object({
  customHandler: z.object({
    description: z.object({
      defaultExecutablePath: z.string().min(1),
      arguments: z.array(z.string()).default([]),
      workingDirectory: z.string().default(''),
    }),
    enableForwardingHttpRequest: z.boolean().default(false),
    enableProxyingHttpRequest: z.boolean().default(false),
  }),
  extensions: z
    .object({
      http: z.object({ routePrefix: z.string().default('api') }).default({ routePrefix: 'api' }),
      queues: queuesSchema.default(queuesSchema.parse({})),
    })
    .default({ http: { routePrefix: 'api' }, queues: queuesSchema.parse({}) }),
});

const localSettingsSchema = z.object({ Values: z.record(z.string(), z.string()).default({}) });

/**
 * Reads host.json, each function.json, and local.settings.json or, without it, local.settings.example.json. Variables of
 * the environment override the values of local settings, as with `func start`.
 * Rejects with ConfigurationError.
 *
 * @param folder the folder of host.json
 */
export async function readFunctionApp(folder: string, environment: Environment): Promise<FunctionApp> {
  const local =
    (await readJson(folder, 'local.settings.json')) ?? (await readJson(folder, 'local.settings.example.json'));
  const { Values: values } = parseConfiguration(localSettingsSchema, local ?? {}, 'local.settings.json');
  const settings = overridden(values, environment);
  const json = await readJson(folder, 'host.json');
  if (json === undefined) throw new ConfigurationError('--azure', folder, 'a folder with a host.json');
  const host = parseConfiguration(hostSchema, applySettings(json, settings), 'host.json');
  const { description, enableForwardingHttpRequest, enableProxyingHttpRequest } = host.customHandler;
  if (!enableForwardingHttpRequest && !enableProxyingHttpRequest)
    throw new ConfigurationError('host.json key customHandler.enableForwardingHttpRequest', false, 'true');
  return {
    routePrefix: host.extensions.http.routePrefix.replace(/^\/+|\/+$/g, ''),
    handler: {
      executable: description.defaultExecutablePath,
      arguments: description.arguments,
      folder: resolve(folder, description.workingDirectory),
    },
    queues: host.extensions.queues,
    functions: await readFunctions(folder),
    settings,
  };
}

async function readFunctions(folder: string): Promise<AppFunction[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const read = entries
    .filter((entry) => entry.isDirectory())
    .map(async ({ name }) => {
      const json = await readJson(folder, join(name, 'function.json'));
      if (json === undefined) return [];
      const { bindings } = parseConfiguration(bindingsSchema, json, `${name}/function.json`);
      return [functionOf(name, bindings)];
    });
  return (await Promise.all(read)).flat();
}

/** Variables of this program that the adapter in the app's handler does not know. */
const ofThisProgram = new Set(['MODELWHISK_GATEWAY_KEY', 'MODELWHISK_RUNTIME_IMAGE']);

/** A setting of the environment is for the app if local settings name it, or if the host or the adapter reads it. */
function overridden(values: Readonly<Record<string, string>>, environment: Environment): Record<string, string> {
  const given = Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined &&
    !ofThisProgram.has(name) &&
    (name in values || /^(Azure(WebJobs|SignalR|FunctionsJobHost)|MODELWHISK_)/.test(name))
      ? [[name, value] as const]
      : [],
  );
  return { ...values, ...Object.fromEntries(given) };
}

/** Undefined if the file does not exist. */
async function readJson(folder: string, path: string): Promise<unknown> {
  try {
    return parseJsonFile(await readFile(join(folder, path), 'utf8'));
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw new ConfigurationError(join(folder, path), messageOf(cause), 'a readable JSON file', { cause });
  }
}
