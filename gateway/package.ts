import type { ActionParameter } from './action.ts';
import type { JsonObject } from './json/json.ts';

/**
 * A package: actions with a common prefix of their names and common parameters. A binding is another name for a
 * package, with additional parameters.
 */
export interface Package {
  readonly name: string;
  /** "0.0.1", counted up by each change. */
  readonly version: string;
  /** Epoch milliseconds of the last change. */
  readonly updated: number;
  readonly publish: boolean;
  readonly annotations: JsonObject;
  readonly parameters: readonly ActionParameter[];
  /** Name of the bound package. Undefined if this is not a binding. */
  readonly binding: string | undefined;
}

/** A package as `wsk package create NAME` makes it. */
export function createPackage(name: string): Package {
  return {
    name,
    version: '0.0.1',
    updated: Date.now(),
    publish: false,
    annotations: {},
    parameters: [],
    binding: undefined,
  };
}

/** Parameters. Later ones replace earlier ones of the same name. */
export function mergedParameters(...lists: readonly (readonly ActionParameter[])[]): readonly ActionParameter[] {
  return [...new Map(lists.flat().map((parameter) => [parameter.key, parameter])).values()];
}

/** The version after a change (WhiskEntity.scala, `SemVer.upPatch`). */
export function nextVersion(version: string): string {
  return version.replace(/\d+$/, (patch) => String(Number(patch) + 1));
}
