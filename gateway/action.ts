import type { ModelRow } from '../core/row.ts';
import type { Json, JsonObject } from './json/json.ts';
import type { InstanceSource } from './instance-source.ts';
import { printJson } from './json/print.ts';

/** A default parameter. With `init`, it goes into the environment at /init instead of into each /run. */
export interface ActionParameter {
  readonly key: string;
  readonly value: Json;
  readonly init?: boolean;
}

export interface ActionLimits {
  /** Time limit of /init, and of each /run, in milliseconds. */
  readonly timeout: number;
  /** Maximum number of simultaneous activations of one instance. */
  readonly concurrency: number;
  /** Maximum number of instances. Further activations wait. */
  readonly instances: number;
  /** Memory of a container in MB. It does not limit processes and external containers. */
  readonly memory: number;
  /** MB of log lines for each activation. 0 keeps no lines. Other values do not truncate the records. */
  readonly logs: number;
}

/** An action as the gateway serves it. */
export interface Action {
  /** Undefined for the default package. */
  readonly package: string | undefined;
  readonly name: string;
  /** "0.0.1", counted up by each change. */
  readonly version: string;
  /** Epoch milliseconds of the last change. */
  readonly updated: number;
  readonly publish: boolean;
  readonly annotations: JsonObject;
  readonly parameters: readonly ActionParameter[];
  readonly limits: ActionLimits;
  readonly source: InstanceSource;
  /** The model in the image. Undefined when it is unknown. */
  readonly row: ModelRow | undefined;
}

export interface ActionDefinition {
  readonly row?: ModelRow | undefined;
  readonly name: string;
  readonly source: InstanceSource;
  readonly package?: string;
  /** Override the defaults of `wsk action create --web true`: web-export and final are true, the others false. */
  readonly annotations?: Readonly<Record<string, Json | undefined>>;
  readonly parameters?: readonly ActionParameter[];
  /** Default: 60,000 ms, one activation at a time in one instance, 256 MB, 10 MB of logs. */
  readonly limits?: Partial<ActionLimits>;
}

/** Fills in the defaults that the controller gives a new action. */
export function createAction(definition: ActionDefinition): Action {
  return {
    row: definition.row,
    package: definition.package,
    name: definition.name,
    version: '0.0.1',
    updated: Date.now(),
    publish: false,
    annotations: {
      'web-export': true,
      'raw-http': false,
      final: true,
      'provide-api-key': false,
      exec: 'blackbox',
      ...withoutUndefined(definition.annotations ?? {}),
    },
    parameters: definition.parameters ?? [],
    limits: { ...defaultLimits, ...definition.limits },
    source: definition.source,
  };
}

/** Limits of an action without limits. All except `instances` are those of OpenWhisk. */
export const defaultLimits: ActionLimits = {
  timeout: 60_000,
  concurrency: 1,
  instances: 1,
  memory: 256,
  logs: 10,
};

/** JSON has no undefined, so such an annotation is left out. */
function withoutUndefined(annotations: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(annotations).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** The name below its namespace: "digits", or "package/digits". */
export function qualifiedName(action: Action): string {
  return action.package === undefined ? action.name : `${action.package}/${action.name}`;
}

/** The value of a boolean annotation. A missing or other value gives the fallback. */
export function hasAnnotation(action: Action, name: string, fallback = false): boolean {
  const value = action.annotations[name];
  return typeof value === 'boolean' ? value : fallback;
}

/** Parameters that a request may not set: all of a `final` action whose value is not null. */
export function immutableParameters(action: Action): ReadonlySet<string> {
  const parameters = hasAnnotation(action, 'final') ? action.parameters : [];
  return new Set(parameters.filter(({ value }) => value !== null).map(({ key }) => key));
}

/** Default parameters for /run. */
export function runParameters(action: Action): JsonObject {
  return Object.fromEntries(
    action.parameters.filter(({ init }) => init !== true).map(({ key, value }) => [key, value]),
  );
}

/** Default parameters for the environment of /init, as strings. null becomes "", arrays and objects become JSON. */
export function initEnvironment(action: Action): Record<string, string> {
  return Object.fromEntries(
    action.parameters.filter(({ init }) => init === true).map(({ key, value }) => [key, environmentText(value)]),
  );
}

function environmentText(value: Json): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : printJson(value);
}
