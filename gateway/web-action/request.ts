import { messageOf } from '../../core/errors.ts';
import { hasAnnotation, immutableParameters, type Action } from '../action.ts';
import { Rejection } from '../errors.ts';
import type { GatewayRequest, Header } from '../http/message.ts';
import { isJsonFamily, renderContentType, type ContentType } from '../http/media-type.ts';
import { parseForm, parseQuery, renderQuery, type QueryParameters } from '../http/query.ts';
import { decodeText } from '../java-text.ts';
import { parseJsonBody } from '../json/body.ts';
import { isJsonObject, type Json, type JsonObject } from '../json/json.ts';
import type { WebRoute } from './route.ts';

/** The parameter names that the controller reserves (WebActions.scala, `reservedProperties`). */
export const reservedProperties = {
  method: '__ow_method',
  headers: '__ow_headers',
  path: '__ow_path',
  user: '__ow_user',
  query: '__ow_query',
  body: '__ow_body',
} as const;

/**
 * The parameters that a web action receives for a request, without the action's defaults.
 * Undefined if the request sets a reserved or a final parameter. Throws Rejection 400 for a malformed request.
 * @param user namespace of the caller; undefined without valid credentials
 */
export function webParameters(
  request: GatewayRequest,
  route: WebRoute,
  action: Action,
  user: string | undefined,
): JsonObject | undefined {
  const { contentType } = request;
  const query = parseQuery(request.query);
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

/** Of repeated headers the last counts. */
function visibleHeaders(headers: readonly Header[], contentType: ContentType | undefined): JsonObject {
  const type: readonly Header[] = contentType === undefined ? [] : [['content-type', renderContentType(contentType)]];
  return Object.fromEntries([...headers, ...type]);
}

/** The caller turns an object into parameters and any other value into `__ow_body`. Undefined means no body. */
function standardBody(body: Buffer, contentType: ContentType | undefined): Json | undefined {
  if (contentType === undefined) return undefined;
  if (isJsonFamily(contentType.media))
    return body.length === 0 ? undefined : parseJsonBody(jsonText(body, contentType));
  if (contentType.media.value === 'application/x-www-form-urlencoded') return formParameters(decodeText(body));
  return opaqueBody(body, contentType);
}

/** UTF-8 stays in bytes, because spray-json decodes it by its own rules. Other charsets become text. */
function jsonText(body: Buffer, { media, charset = 'UTF-8' }: ContentType): Buffer | string {
  if (charset === 'UTF-8' || media.value === 'application/json') return body;
  try {
    return new TextDecoder(charset === 'UTF-16' ? utf16Of(body) : charset).decode(body);
  } catch (error) {
    throw new Rejection(400, charset, { cause: error });
  }
}

/** Java reads UTF-16 without a byte order mark as big-endian. */
function utf16Of(body: Buffer): string {
  return body[0] === 0xff && body[1] === 0xfe ? 'utf-16le' : 'utf-16be';
}

function formParameters(text: string): JsonObject {
  try {
    return toObject(parseForm(text));
  } catch (error) {
    throw new Rejection(400, messageOf(error), { cause: error });
  }
}

/** Base64 for binary types and (an old rule of the controller) application/json. Otherwise UTF-8, in any charset. */
function opaqueBody(body: Buffer, { media }: ContentType): string {
  return media.isBinary || media.value === 'application/json' ? body.toString('base64') : decodeText(body);
}

function toObject(parameters: QueryParameters): JsonObject {
  return Object.fromEntries(parameters.map(([name, value]) => [name, value ?? '']));
}
