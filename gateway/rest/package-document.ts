import type { EntityStore } from '../entity-store.ts';
import type { Json, JsonObject } from '../json/json.ts';
import { mergedParameters, type Package } from '../package.ts';
import { keyValueList, parameterList } from './action-document.ts';

/**
 * A package as `wsk package get` shows it, with its actions: for a binding the actions of the bound package, and the
 * parameters of both (Packages.scala, `mergePackageWithBinding`).
 */
export function packageDocument(shown: Package, entities: EntityStore, namespace: string): JsonObject {
  const provider = entities.provider(shown);
  const actions = provider === undefined ? [] : entities.actionsOf(provider);
  const inherited = provider === undefined || provider === shown ? [] : provider.parameters;
  return {
    ...savedPackage({ ...shown, parameters: mergedParameters(inherited, shown.parameters) }, namespace),
    actions: actions.map(({ name, version, annotations }) => ({
      name,
      version,
      annotations: keyValueList(annotations),
    })),
    feeds: [],
  };
}

/** A package by itself, as the answer to a change shows it. */
export function savedPackage(saved: Package, namespace: string): JsonObject {
  return {
    ...packageSummary(saved, namespace),
    parameters: parameterList(saved.parameters),
    binding: bindingOf(saved, namespace),
  };
}

/** A package as a list of packages shows it. */
export function packageSummary(listed: Package, namespace: string): JsonObject {
  const { name, version, updated, publish, annotations } = listed;
  const binding = listed.binding === undefined ? {} : { binding: bindingOf(listed, namespace) };
  return { namespace, name, version, updated, publish, annotations: keyValueList({ ...annotations, ...binding }) };
}

function bindingOf({ binding }: Package, namespace: string): Json {
  return binding === undefined ? {} : { name: binding, namespace };
}
