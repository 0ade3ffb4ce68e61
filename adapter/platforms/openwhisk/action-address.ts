import type { Environment } from '../../../core/settings.ts';
import { type OuterAddress, outerAddress } from '../../http/outer-address.ts';
import { plainValue } from '../../json/exact.ts';
import { isJsonObject } from '../../json/object.ts';
import type { Activation } from './activation.ts';

/**
 * The URL of the web action that was called: the host that the caller has named, under the path that the action's name
 * gives (docs/protocols/openwhisk.md). Undefined where the platform tells no name.
 *
 * The protocol is that of `__OW_API_HOST`, which the platform sets. Where that names none it is https, but for a host
 * that has no name of its own, as the one of a gateway on this machine.
 */
export function actionAddress({ value, context }: Activation, environment: Environment): OuterAddress | undefined {
  const headers = plainValue(value['__ow_headers']);
  const host = isJsonObject(headers) ? headers['host'] : undefined;
  const [, namespace, ...names] = context['action_name']?.split('/') ?? [];
  const [packageName, name] = names.length === 2 ? names : ['default', names[0]];
  if (namespace === undefined || packageName === undefined || name === undefined) return undefined;
  const apiHost = environment['__OW_API_HOST'] ?? '';
  const path = ['api', 'v1', 'web', namespace, packageName, name].map((part) => encodeURIComponent(part)).join('/');
  const known = typeof host === 'string' ? host : apiHost.replace(/^https?:\/\//i, '');
  const protocol = /^(https?):/i.exec(apiHost)?.[1] ?? (hasName(known) ? 'https' : 'http');
  return outerAddress(protocol, known, `/${path}`);
}

function hasName(host: string): boolean {
  return !/^(localhost|\[.*\]|[\d.]+)(:\d+)?$/i.test(host);
}
