import { parseMediaType } from '../../core/http/media-type.ts';
import { isBinary, isJsonFamily } from '../../core/openwhisk/media-types.ts';
import { messageOf } from '../../core/errors.ts';
import { hasAnnotation, immutableParameters, type Action } from '../action.ts';
import { Rejection, messages } from '../errors.ts';
import { headerValue, type GatewayRequest, type Header } from '../http.ts';
import { isJsonObject, type Json, type JsonObject } from '../exact-json.ts';
import { parseJsonBody } from '../json-body.ts';
import { decodeText } from '../java-text.ts';
import { parseQuery, renderQuery, type QueryParameters } from '../uri.ts';
import { renderContentType } from './content-type.ts';
import type { WebRoute } from './route.ts';

/** The names the controller keeps for itself (WebActions.scala, `reservedProperties`). */
export const reservedProperties = {
  method: '__ow_method',
  headers: '__ow_headers',
  path: '__ow_path',
  user: '__ow_user',
  query: '__ow_query',
  body: '__ow_body',
} as const;

/**
 * The parameters that a web action receives for a request, without the action's own defaults.
 * Undefined when the request sets a reserved or a final parameter. Throws Rejection 400 for a malformed request.
 * @param user namespace of the caller; undefined when the caller gave no valid credentials
 */
export function webParameters(
  request: GatewayRequest,
  route: WebRoute,
  action: Action,
  user: string | undefined,
): JsonObject | undefined {
  const contentType = requestContentType(request);
  const query = decodeOrReject(() => parseQuery(request.query));
  const metadata = {
    [reservedProperties.method]: request.method.toLowerCase(),
    [reservedProperties.headers]: visibleHeaders(request.headers, contentType),
    [reservedProperties.path]: route.path,
    ...(user === undefined ? {} : { [reservedProperties.user]: user }),
  };
  if (hasAnnotation(action, 'raw-http')) {
    return {
      ...metadata,
      [reservedProperties.query]: renderQuery(query),
      [reservedProperties.body]: contentType === undefined ? '' : opaqueBody(request.body, contentType),
    };
  }
  const queryParameters = toObject(query);
  const body = standardBody(request.body, contentType);
  const bodyParameters = isJsonObject(body) ? body : {};
  const refused = new Set([...Object.values(reservedProperties), ...immutableParameters(action)]);
  if ([...Object.keys(queryParameters), ...Object.keys(bodyParameters)].some((name) => refused.has(name))) {
    return undefined;
  }
  const opaque = body === undefined || isJsonObject(body) ? {} : { [reservedProperties.body]: body };
  return { ...metadata, ...queryParameters, ...bodyParameters, ...opaque };
}

/** The entity's type as pekko-http renders it; undefined when there is neither a body nor a type. */
function requestContentType(request: GatewayRequest): string | undefined {
  const given = headerValue(request.headers, 'content-type');
  if (given === undefined) return request.hasEntity ? 'application/octet-stream' : undefined;
  const rendered = renderContentType(given);
  if (rendered === undefined) throw new Rejection(400, `Illegal HTTP header 'Content-Type': ${given}`);
  return rendered;
}

function visibleHeaders(headers: readonly Header[], contentType: string | undefined): JsonObject {
  const visible = headers.filter(([name]) => !entityHeaders.has(name));
  return Object.fromEntries(contentType === undefined ? visible : [...visible, ['content-type', contentType]]);
}

const entityHeaders = new Set(['content-type', 'content-length', 'transfer-encoding']);

/** An object's fields become parameters of their own, anything else becomes `__ow_body`, undefined nothing. */
function standardBody(body: Buffer, contentType: string | undefined): Json | undefined {
  if (contentType === undefined) return undefined;
  if (isJsonFamily(contentType)) return body.length === 0 ? undefined : parseJsonBody(body);
  if (isForm(contentType)) {
    return decodeOrReject(() => toObject(body.length === 0 ? [] : parseQuery(decodeText(body))));
  }
  return opaqueBody(body, contentType);
}

/** Base64 for binary types and, by an old rule of the controller, for application/json; else text, whatever its charset. */
function opaqueBody(body: Buffer, contentType: string): string {
  const encoded = isBinary(contentType) || mediaTypeName(contentType) === 'application/json';
  return encoded ? body.toString('base64') : decodeText(body);
}

function isForm(contentType: string): boolean {
  return mediaTypeName(contentType) === 'application/x-www-form-urlencoded';
}

function mediaTypeName(contentType: string): string | undefined {
  const media = parseMediaType(contentType);
  return media === undefined || media.hasOtherParameters ? undefined : `${media.type}/${media.subtype}`;
}

function toObject(parameters: QueryParameters): JsonObject {
  return Object.fromEntries(parameters.map(([name, value]) => [name, value ?? '']));
}

function decodeOrReject<Result>(decode: () => Result): Result {
  try {
    return decode();
  } catch (error) {
    throw new Rejection(400, messages.malformedContent(messageOf(error)), { cause: error });
  }
}
