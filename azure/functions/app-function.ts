import * as z from 'zod';
import { ConfigurationError } from '../../core/errors.ts';

/** A function of the app, by what starts it. */
export type AppFunction = HttpFunction | QueueFunction;

export type HttpFunction =
  | (HttpTrigger & { readonly kind: 'http' })
  /** Tells clients where SignalR is. The host answers it without the handler. */
  | (HttpTrigger & { readonly kind: 'negotiate'; readonly signalR: SignalRBinding });

export interface QueueFunction {
  readonly kind: 'queue';
  readonly name: string;
  /** Name of the binding under which the handler gets the message. */
  readonly binding: string;
  readonly queueName: string;
  /** Setting that holds the connection string of the storage account. */
  readonly setting: string;
  readonly output: (SignalRBinding & { readonly name: string }) | undefined;
}

interface HttpTrigger {
  readonly name: string;
  /** Template of the path after the prefix, for example "model/{*path}". */
  readonly route: string;
  /** Lower case. Empty for all. */
  readonly methods: readonly string[];
}

interface SignalRBinding {
  readonly hub: string;
  /** Setting that holds the connection string. */
  readonly setting: string;
}

const bindingSchema = z.object({
  type: z.string(),
  name: z.string().default(''),
  route: z.string().optional(),
  methods: z.array(z.string()).default([]),
  queueName: z.string().default(''),
  connection: z.string().default('AzureWebJobsStorage'),
  hubName: z.string().default(''),
  connectionStringSetting: z.string().default('AzureSignalRConnectionString'),
});

type Binding = z.output<typeof bindingSchema>;

export const bindingsSchema = z.object({ bindings: z.array(bindingSchema).min(1) });

/** @throws ConfigurationError if this host cannot serve the function */
export function functionOf(name: string, bindings: readonly Binding[]): AppFunction {
  const ofType = (type: string): Binding | undefined =>
    bindings.find((each) => each.type.toLowerCase() === type.toLowerCase());
  const http = ofType('httpTrigger');
  const queue = ofType('queueTrigger');
  if (http !== undefined) {
    const trigger = { name, route: http.route ?? name, methods: http.methods.map((each) => each.toLowerCase()) };
    const info = ofType('signalRConnectionInfo');
    if (info === undefined) return { kind: 'http', ...trigger };
    return { kind: 'negotiate', ...trigger, signalR: signalROf(info) };
  }
  if (queue === undefined)
    throw new ConfigurationError(
      `${name}/function.json key bindings`,
      bindings.map(({ type }) => type).join(', '),
      'an httpTrigger or a queueTrigger, which are all that this stand-in for the Functions host knows',
    );
  const output = ofType('signalR');
  return {
    kind: 'queue',
    name,
    binding: queue.name,
    queueName: queue.queueName,
    setting: queue.connection,
    output: output && { ...signalROf(output), name: output.name },
  };
}

function signalROf({ hubName, connectionStringSetting }: Binding): SignalRBinding {
  return { hub: hubName, setting: connectionStringSetting };
}

/** Whether a function answers a request. `path` is the part after the prefix, without "/" at its start. */
export function matches({ route, methods }: HttpTrigger, method: string, path: string): boolean {
  if (methods.length > 0 && !methods.includes(method.toLowerCase())) return false;
  const pattern = route
    .split('/')
    .map((segment) => {
      if (/^\{\*[^}]*\}$/.test(segment)) return '(?:/.*)?';
      if (/^\{[^}]*\?\}$/.test(segment)) return '(?:/[^/]+)?';
      return /^\{[^}]*\}$/.test(segment) ? '/[^/]+' : `/${segment.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}`;
    })
    .join('');
  return new RegExp(`^${pattern}/?$`, 'i').test(`/${path}`);
}
