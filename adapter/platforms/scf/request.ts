import type { ModelRow } from '../../../core/row.ts';
import { CallerError } from '../../errors.ts';
import type { CallLimits } from '../../call/model-call.ts';
import { damagedText, isDamaged } from '../_event/damaged-text.ts';
import { headerValue, withoutHeaders, withoutHopByHop } from '../../http/headers.ts';
import { withJsonType } from '../_event/json-type.ts';
import { receivedHeader } from '../_event/received-header.ts';
import { withParameters } from '../../inputs/fields.ts';
import type { Header, WholeRequest } from '../../http/message.ts';
import { outerAddress, outerPrefix, type OuterAddress } from '../../http/outer-address.ts';
import { escapeQuery, modelPath } from '../../http/request-line.ts';
import { withoutCredentials } from './call-context.ts';
import type { HttpEvent } from './event.ts';

/**
 * The HTTP request in an event. The trigger has decoded the query, and may have joined repeated headers.
 *
 * @param context headers about the call, see ScfContext
 * @throws CallerError for an event that is not a valid request, and for a binary body that the trigger decoded as text
 */
export function httpRequest(
  event: HttpEvent,
  context: readonly Header[],
  row: ModelRow,
  limits: CallLimits,
): WholeRequest {
  const method = event.httpMethod.toUpperCase();
  if (!/^[A-Z-]+$/.test(method))
    throw new CallerError(400, 'EVENT', `httpMethod is ${JSON.stringify(event.httpMethod)}`);
  const { path, query } = readPath(event);
  const received = Object.entries(event.headers ?? {}).flatMap(([name, values]) =>
    [values].flat().map((value) => receivedHeader(name, value)),
  );
  const dropped = ['content-length', 'expect', ...(event.kind === 'url' ? ['accept-encoding'] : [])];
  const headers = withoutHeaders(withoutCredentials(withoutHopByHop(received)), dropped);
  const body = bodyOf(event, received);
  const own = new Set(context.map(([name]) => name));
  const modelServerPath = ownPath(path, event);
  return {
    method,
    path: modelPath(modelServerPath, method, row),
    query: withParameters(query, Object.entries(event.queryString ?? {})),
    headers: withJsonType([...headers.filter(([name]) => !own.has(name.toLowerCase())), ...context], body),
    body,
    outer: triggerAddress(received, outerPrefix(path, modelServerPath), event.stage),
    ...limits,
  };
}

/**
 * The URL of the trigger. With API Gateway's own domain the path starts with the stage, with a custom domain it does
 * not (cloud.tencent.com/document/product/628/14906).
 */
function triggerAddress(
  headers: readonly Header[],
  prefix: string,
  stage: string | undefined,
): OuterAddress | undefined {
  const host = headerValue(headers, 'host');
  const isGateways = stage !== undefined && /\.(apigw|tencentapigw)\b/.test(host ?? '');
  return outerAddress('https', host, isGateways ? `/${stage}${prefix}` : prefix);
}

/** The path of a hand-written test event may contain a query. */
function readPath(event: HttpEvent): { readonly path: string; readonly query: string } {
  const [path = '', query = ''] = event.path.split(/\?(.*)/s);
  if (/^(\/|$)/.test(path)) return { path, query: escapeQuery(query) };
  throw new CallerError(400, 'EVENT', `path is ${JSON.stringify(event.path)}; expected it to start with "/"`);
}

/**
 * The model server's part of the path. It follows the path of API Gateway's API: "/digits", or "/digits/{path}" with a
 * variable part. If the path is exactly the API's path, the API stands for the model server's route of that name.
 */
function ownPath(path: string, { apiPath = '' }: HttpEvent): string {
  const prefix = apiPath.replace(/\{.*/s, '').replace(/\/$/, '');
  if (path === apiPath || !(path === prefix || path.startsWith(`${prefix}/`))) return path;
  return path.slice(prefix.length);
}

function bodyOf({ body, isBase64Encoded }: HttpEvent, headers: readonly Header[]): Buffer {
  if (isBase64Encoded === true) return Buffer.from(body ?? '', 'base64');
  if (!isDamaged(body ?? '', headers)) return Buffer.from(body ?? '');
  throw damagedText(
    400,
    'the trigger',
    'deploy the image as a web function, switch on base64 for the API Gateway trigger, ' +
      'or send JSON with the file as base64',
  );
}
