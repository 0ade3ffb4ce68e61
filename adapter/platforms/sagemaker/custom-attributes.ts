import { CallerError } from '../../errors.ts';
import { headerValue } from '../../http/headers.ts';
import type { ModelRequest } from '../../http/message.ts';

/** A route of the model server, as a caller names it. */
export type NamedRoute = Pick<ModelRequest, 'method' | 'path' | 'query'>;

/**
 * The route that the caller names in the custom attributes, because SageMaker has only one path for calls:
 * `modelwhisk-path=/model/metadata?verbose=1,modelwhisk-method=GET`. The method is POST by default. Undefined without a
 * route: the call is for the predict route.
 *
 * @throws CallerError 400 for a path that does not start with "/", and for a method without a path
 */
export function namedRoute({ headers }: Pick<ModelRequest, 'headers'>): NamedRoute | undefined {
  const attributes = readAttributes(headerValue(headers, 'x-amzn-sagemaker-custom-attributes') ?? '');
  const target = attributes.get('modelwhisk-path');
  const method = attributes.get('modelwhisk-method');
  if (target === undefined && method === undefined) return undefined;
  if (target?.startsWith('/') !== true) {
    const message = `the custom attribute modelwhisk-path is ${JSON.stringify(target ?? '')}; expected a path that starts with "/"`;
    throw new CallerError(400, 'HTTP_REQUEST', message);
  }
  const at = target.indexOf('?');
  const [path, query] = at === -1 ? [target, ''] : [target.slice(0, at), target.slice(at + 1)];
  return { method: method?.toUpperCase() ?? 'POST', path, query };
}

/** `name=value` separated by commas. Other forms are for the model server. */
function readAttributes(text: string): ReadonlyMap<string, string> {
  const pairs = text.split(',').flatMap((each) => {
    const at = each.indexOf('=');
    return at === -1 ? [] : [[each.slice(0, at).trim().toLowerCase(), each.slice(at + 1).trim()] as const];
  });
  return new Map(pairs);
}
