import type { InputRoute, ModelRow } from '../../../core/row.ts';
import { CallerError } from '../../errors.ts';
import { headerValue, withoutHeaders, withoutHopByHop } from '../../http/headers.ts';
import { damagedText, isDamaged } from '../_event/damaged-text.ts';
import { receivedHeader } from '../_event/received-header.ts';
import { divideFields, withParameters } from '../../inputs/fields.ts';
import { inputRoute } from '../../inputs/form-input.ts';
import { JsonBytes } from '../../json/embedded-bytes.ts';
import { plainValue, writeJson, writeObject } from '../../json/exact.ts';
import { isJsonObject } from '../../json/object.ts';
import { parseMediaType } from '../../../core/http/media-type.ts';
import type { CallSignal, Header, WholeRequest } from '../../http/message.ts';
import { escapeQuery, modelPath } from '../../http/request-line.ts';
import type { Activation } from './activation.ts';
import { contextHeaders } from './context.ts';
import { isBinary, isJsonFamily } from '../../../core/openwhisk/media-types.ts';

/**
 * The HTTP request of a web action's caller.
 *
 * `__ow_query` exists only for raw web actions. For standard web actions the platform merges the query and a JSON or
 * form body into the parameters, and this function rebuilds them (docs/protocols/openwhisk.md). Any other body arrives
 * unchanged; then all other parameters are the query.
 *
 * @throws CallerError for a malformed metadata parameter
 */
export function webRequest(
  activation: Activation,
  row: ModelRow,
  limits: { signal: CallSignal; deadline: number },
): WholeRequest {
  const value = activation.value;
  const method = String(value['__ow_method']).toUpperCase();
  if (!/^[A-Z]+$/.test(method))
    throw new CallerError(400, 'EVENT', `__ow_method is ${JSON.stringify(value['__ow_method'])}`);
  const path = webPath(value['__ow_path'], method, row);
  const incoming = readHeaders(plainValue(value['__ow_headers']));
  const content = readContent(value, { method, path }, headerValue(incoming, 'content-type'), row);
  return {
    method,
    path,
    query: content.query,
    headers: [...forwarded(incoming, value), ...contextHeaders(activation.context)],
    body: content.body,
    ...limits,
  };
}

function webPath(given: unknown, method: string, row: ModelRow): string {
  const path = given ?? '';
  if (typeof path === 'string' && /^(\/|$)/.test(path)) return modelPath(path, method, row);
  throw new CallerError(400, 'EVENT', `__ow_path is ${JSON.stringify(given)}; expected a path starting with "/"`);
}

function readHeaders(given: unknown): Header[] {
  if (given === undefined) return [];
  if (!isJsonObject(given))
    throw new CallerError(400, 'EVENT', `__ow_headers is ${JSON.stringify(given)}; expected an object`);
  return Object.entries(given).map(([name, value]) =>
    // pekko-http decodes header values as UTF-8 (HttpHeaderParser.scala, scanHeaderValue). Encode them again.
    receivedHeader(name, typeof value === 'string' ? Buffer.from(value).toString('latin1') : value),
  );
}

interface QueryAndBody {
  readonly query: string;
  readonly body: Buffer;
}

function readContent(
  value: Readonly<Record<string, unknown>>,
  target: { method: string; path: string },
  contentType: string | undefined,
  row: ModelRow,
): QueryAndBody {
  const { __ow_query: rawQuery, __ow_body: givenBody } = value;
  if (typeof rawQuery === 'string') {
    return { query: escapeQuery(rawQuery), body: readBody(givenBody, contentType, true) };
  }
  const parameters = Object.fromEntries(Object.entries(value).filter(([name]) => !name.startsWith('__ow_')));
  if (givenBody === undefined && hasMergedBody(target.method, contentType)) {
    return splitMerged(parameters, inputRoute(target, row), contentType);
  }
  return { query: withParameters('', Object.entries(parameters)), body: readBody(givenBody, contentType, false) };
}

/**
 * The controller has parsed a value that is not text, and in standard mode any JSON, so it is written as JSON. Text is
 * base64 if the controller encodes the type: binary types, and application/json in raw mode (section 5.4).
 */
function readBody(body: unknown, contentType: string | undefined, raw: boolean): Buffer {
  if (body === undefined) return Buffer.alloc(0);
  const isJson = isJsonFamily(contentType);
  const isText = typeof body === 'string' || body instanceof JsonBytes;
  if (!isText || (isJson && !raw)) return Buffer.from(writeJson(body));
  const isRawJson = isJson && parseMediaType(contentType ?? '')?.subtype === 'json';
  const isBase64 = isRawJson || isBinary(contentType);
  if (body instanceof JsonBytes && isBase64) return body.bytes;
  if (isBase64) return Buffer.from(String(body), 'base64');
  return Buffer.from(undamaged(String(body), contentType));
}

/**
 * Returns the text. Throws CallerError 415 if the controller decoded a binary body as text: a file with a text type, or
 * with curl's default type for forms.
 */
function undamaged(text: string, contentType: string | undefined): string {
  if (!isDamaged(text, contentType === undefined ? [] : [['content-type', contentType]])) return text;
  throw damagedText(
    415,
    'OpenWhisk',
    "add the file's own type, as -H 'Content-Type: image/png' or application/octet-stream does, " +
      'or send it in a form: -F FIELD=@FILE; text needs "; charset=utf-8" after its type',
  );
}

/** Whether the controller has merged the body into the parameters: JSON objects and forms, on methods with a body. */
function hasMergedBody(method: string, contentType: string | undefined): boolean {
  return !bodyless.has(method) && (isJsonFamily(contentType) || isForm(contentType));
}

const bodyless = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS']);

/** Divides merged parameters: the route's query parameters go into the query, all others into the body. */
function splitMerged(
  parameters: Readonly<Record<string, unknown>>,
  route: InputRoute | undefined,
  contentType: string | undefined,
): QueryAndBody {
  const { query, others } = divideFields(parameters, route ?? { parameters: [] });
  if (isForm(contentType)) {
    for (const [name, value] of others) undamaged(`${name}=${String(value)}`, contentType);
  }
  const body = isForm(contentType) ? withParameters('', others) : writeObject(others);
  return { query: withParameters('', query), body: Buffer.from(body) };
}

function isForm(contentType: string | undefined): boolean {
  const media = contentType === undefined ? undefined : parseMediaType(contentType);
  return media?.type === 'application' && media.subtype === 'x-www-form-urlencoded';
}

/**
 * Drops headers of the connection and of the platform: `accept-encoding`, because the reply must not be encoded, and
 * `authorization`, if it was an OpenWhisk key (`__ow_user` exists then), because it is a secret.
 */
function forwarded(headers: readonly Header[], value: Readonly<Record<string, unknown>>): Header[] {
  const dropped = value['__ow_user'] === undefined ? platformHeaders : [...platformHeaders, 'authorization'];
  const kept = withoutHeaders(withoutHopByHop(headers), dropped);
  return kept.filter(([name]) => !name.toLowerCase().startsWith('x-openwhisk-'));
}

const platformHeaders = ['host', 'content-length', 'expect', 'accept-encoding', 'x-require-whisk-auth'];
