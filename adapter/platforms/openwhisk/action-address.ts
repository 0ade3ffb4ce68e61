import type { Environment } from '../../../core/settings.ts';
import { type OuterAddress, outerAddress } from '../../http/outer-address.ts';
import { plainValue } from '../../json/exact.ts';
import { isJsonObject } from '../../json/object.ts';
import type { Activation } from './activation.ts';

/**
 * The URL of the called web action: the caller's `Host`, with the path of the action's name
 * (docs/protocols/openwhisk.md). Undefined if the platform does not give the name.
 *
 * The protocol is that of `__OW_API_HOST`, which the platform sets. Its default is https, but http for a host without a
 * domain name, such as a gateway on this machine.
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
