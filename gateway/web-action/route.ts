import { isEntityName } from '../entity-name.ts';
import { decodePercent } from '../http/percent.ts';

/** How the action's result becomes a reply. */
export type Extension = (typeof extensions)[number];

/** The parts of a web action's URL. */
export interface WebRoute {
  readonly namespace: string;
  /** Undefined for the default package. */
  readonly package: string | undefined;
  readonly action: string;
  readonly extension: Extension;
  /** The rest of the path after the action, with its leading "/", or "". */
  readonly path: string;
}

/**
 * Parses `/api/v1/web/{namespace}/{package|default}/{action}[.ext][/rest]`. Undefined for any other path, and for a
 * longer package name that starts with "default" (WebActions.scala, `packagePrefix`).
 * @param path as pekko-http renders it
 */
export function parseWebRoute(path: string): WebRoute | undefined {
  const [, namespaceSegment, packageSegment, actionSegment, rest] = routePattern.exec(path) ?? [];
  if (namespaceSegment === undefined || packageSegment === undefined || actionSegment === undefined) return undefined;
  const [namespace, packageName, actionName] = [namespaceSegment, packageSegment, actionSegment].map(decodePercent);
  if (!isEntityName(namespace) || !isEntityName(packageName) || !isEntityName(actionName)) return undefined;
  if (packageName.startsWith('default') && packageName !== 'default') return undefined;
  const [action, extension] = splitExtension(actionName);
  return {
    namespace,
    package: packageName === 'default' ? undefined : packageName,
    action,
    extension,
    path: rest ?? '',
  };
}

/** Splits a known extension off an action's name. The default extension is `.http`. */
export function splitExtension(name: string): readonly [action: string, extension: Extension] {
  const extension = extensions.find((candidate) => name.endsWith(candidate));
  return extension === undefined ? [name, '.http'] : [name.slice(0, -extension.length), extension];
}

const extensions = ['.http', '.json', '.html', '.svg', '.text'] as const;
const routePattern = /^\/api\/v1\/web\/([^/]+)\/([^/]+)\/([^/]+)(\/.*)?$/s;
