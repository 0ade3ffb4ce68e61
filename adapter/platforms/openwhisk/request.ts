import { ModelwhiskError } from '../../../core/errors.ts';
import type { ModelRow } from '../../../core/row.ts';
import { headerValue, withoutHeaders, withoutHopByHop } from '../../headers.ts';
import { divideFields, withParameters } from '../../inputs/fields.ts';
import { isJsonObject } from '../../json.ts';
import type { Header, ModelRequest } from '../../model/model-server.ts';
import type { Activation } from './activation.ts';
import { isBinary, isJsonFamily, parseMediaType } from './media-type.ts';

/** Parameters of a web action that cannot be made into an HTTP request. */
export class WebActionError extends ModelwhiskError {
  override readonly name = 'WebActionError';
  readonly status = 400;

  constructor(message: string, options: { hint?: string } = {}) {
    super('WEB_ACTION', message, options);
  }
}

/** Whether the parameters come from a web action (`__ow_method` is there) rather than from a plain invocation. */
export function isWebAction(value: Readonly<Record<string, unknown>>): boolean {
  return typeof value['__ow_method'] === 'string';
}

/**
 * The HTTP request that a web action's caller made, as far as the platform left it whole.
 *
 * Raw or standard is told by `__ow_query`, which is there if and only if the action is raw. In standard mode the
 * query and a JSON or form body arrive merged into the parameters and are rebuilt (facts/openwhisk.md, section 5.9);
 * a body that is neither stays untouched, and then every other parameter is the query.
 *
 * @throws WebActionError when a metadata parameter is not what the platform sends
 */
export function webRequest(
  activation: Activation,
  row: ModelRow,
  limits: { signal: AbortSignal; deadline: number },
): ModelRequest {
  const value = activation.value;
  const method = String(value['__ow_method']).toUpperCase();
  if (!/^[A-Z]+$/.test(method)) throw new WebActionError(`__ow_method is ${JSON.stringify(value['__ow_method'])}`);
  const path = modelPath(value['__ow_path'], method, row);
  const incoming = readHeaders(value['__ow_headers']);
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

/** "" and "/" mean the model's predict route when the method is its method; anything else is the server's own path. */
function modelPath(given: unknown, method: string, row: ModelRow): string {
  if (given === undefined || given === '' || given === '/')
    return method === row.predict.method ? row.predict.path : '/';
  if (typeof given !== 'string' || !given.startsWith('/')) {
    throw new WebActionError(`__ow_path is ${JSON.stringify(given)}; expected a path starting with "/"`);
  }
  // The controller sends it percent-encoded; what could break the request line is encoded here.
  return given.replaceAll(/[^\x21-\x7e]|#|\?/g, encodeURIComponent);
}

function readHeaders(given: unknown): Header[] {
  if (given === undefined) return [];
  if (!isJsonObject(given)) throw new WebActionError(`__ow_headers is ${JSON.stringify(given)}; expected an object`);
  return Object.entries(given).map(([name, value]) => {
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) || typeof value !== 'string') {
      throw new WebActionError(
        `header ${JSON.stringify(name)} is ${JSON.stringify(value)}; expected a name and a text`,
      );
    }
    // pekko-http reads header values as UTF-8 (HttpHeaderParser.scala, scanHeaderValue): these are the caller's bytes.
    const bytes = /[^\0-\x7f]/.test(value) ? Buffer.from(value).toString('latin1') : value;
    if (/[^\t\x20-\x7e\x80-\xff]/.test(bytes)) {
      throw new WebActionError(`header ${name} is ${JSON.stringify(value)}; control characters are not allowed`);
    }
    return [name, bytes];
  });
}

interface Content {
  readonly query: string;
  readonly body: Uint8Array;
}

function readContent(
  value: Readonly<Record<string, unknown>>,
  target: { method: string; path: string },
  contentType: string | undefined,
  row: ModelRow,
): Content {
  const { __ow_query: rawQuery, __ow_body: givenBody } = value;
  if (typeof rawQuery === 'string') {
    // The controller sends it percent-encoded; what could break the request line is encoded here.
    const query = rawQuery.replaceAll(/[^\x21-\x7e]|#/g, encodeURIComponent);
    return { query, body: readBody(givenBody, contentType, true) };
  }
  const parameters = Object.fromEntries(Object.entries(value).filter(([name]) => !name.startsWith('__ow_')));
  if (givenBody === undefined && hasMergedBody(target.method, contentType)) {
    const isPredict = target.method === row.predict.method && target.path === row.predict.path;
    return splitMerged(parameters, isPredict, contentType, row);
  }
  return { query: withParameters('', Object.entries(parameters)), body: readBody(givenBody, contentType, false) };
}

/**
 * A value other than text, and in standard mode any JSON, was parsed by the controller and is written out again.
 * Text is base64 exactly where the controller encodes: binary types, and application/json in raw mode (section 5.4).
 */
function readBody(body: unknown, contentType: string | undefined, raw: boolean): Uint8Array {
  if (body === undefined) return new Uint8Array();
  const isJson = isJsonFamily(contentType);
  if (typeof body !== 'string' || (isJson && !raw)) return Buffer.from(JSON.stringify(body));
  const isRawJson = isJson && parseMediaType(contentType ?? '')?.subtype === 'json';
  return Buffer.from(body, isRawJson || isBinary(contentType) ? 'base64' : 'utf8');
}

/** Whether the controller took the body apart into parameters: JSON objects and forms, on methods that have a body. */
function hasMergedBody(method: string, contentType: string | undefined): boolean {
  return !bodyless.has(method) && (isJsonFamily(contentType) || isForm(contentType));
}

const bodyless = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS']);

/** Puts merged parameters back: those that the row declares as query parameters there, the others into the body. */
function splitMerged(
  parameters: Readonly<Record<string, unknown>>,
  isPredict: boolean,
  contentType: string | undefined,
  row: ModelRow,
): Content {
  const { query, others } = isPredict
    ? divideFields(parameters, row)
    : { query: [], others: Object.entries(parameters) };
  const body = isForm(contentType) ? withParameters('', others) : JSON.stringify(Object.fromEntries(others));
  return { query: withParameters('', query), body: Buffer.from(body) };
}

function isForm(contentType: string | undefined): boolean {
  const media = contentType === undefined ? undefined : parseMediaType(contentType);
  return media?.type === 'application' && media.subtype === 'x-www-form-urlencoded';
}

/**
 * Drops what belongs to the connection or to the platform. `accept-encoding` goes because the reply must come
 * unencoded; `authorization` goes where it was a whisk key (`__ow_user` tells), as that is nobody else's business.
 */
function forwarded(headers: readonly Header[], value: Readonly<Record<string, unknown>>): Header[] {
  const dropped = value['__ow_user'] === undefined ? platformHeaders : [...platformHeaders, 'authorization'];
  const kept = withoutHeaders(withoutHopByHop(headers), dropped);
  return kept.filter(([name]) => !name.toLowerCase().startsWith('x-openwhisk-'));
}

const platformHeaders = ['host', 'content-length', 'expect', 'accept-encoding', 'x-require-whisk-auth'];

/** What the platform says of the activation, for the model server. The whisk key is not among it. */
export function contextHeaders(context: Readonly<Record<string, string>>): Header[] {
  return Object.entries(context).map(([name, value]) => [`x-openwhisk-${name.replaceAll('_', '-')}`, value]);
}
