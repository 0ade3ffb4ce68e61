import type { ModelRow } from '../../../core/row.ts';
import { CallerError } from '../../errors.ts';
import type { CallLimits } from '../../call/model-call.ts';
import { headerValue, withoutHeaders, withoutHopByHop } from '../../http/headers.ts';
import { receivedHeader } from '../_event/received-header.ts';
import { isJsonObject } from '../../json/object.ts';
import type { Header, ModelRequest, WholeRequest } from '../../http/message.ts';
import { outerAddress, outerPrefix, type OuterAddress } from '../../http/outer-address.ts';
import { escapePath, escapeQuery, modelPath } from '../../http/request-line.ts';
import { forwardingHint } from './forwarding-hint.ts';

/**
 * The HTTP request in an HTTP trigger's value, `{Url, Method, Query, Headers, Params, Body}`. The host decodes bodies
 * as UTF-8 text, except application/octet-stream and multipart, which are base64
 * (HttpRequestExtensions.GetRequestAsJObject). `Url` has the original query; `Query` joins repeated keys.
 *
 * @throws CallerError 400 for a malformed value, 415 for a body that the host's decoding has damaged
 */
export function triggerRequest(
  trigger: Readonly<Record<string, unknown>>,
  row: ModelRow,
  routePrefix: string,
  limits: CallLimits,
): WholeRequest {
  const method = String(trigger['Method']).toUpperCase();
  const { protocol, host, path, query } = readUrl(String(trigger['Url']));
  const headers = readHeaders(trigger['Headers']);
  return withoutKey({
    method,
    path: modelPath(withoutPrefix(path, routePrefix) ?? path, method, row),
    query,
    headers: withoutHeaders(withoutHopByHop(headers), notForwarded),
    body: readBody(trigger['Body'], headers),
    outer: appAddress(headers, protocol, host, path, routePrefix),
    ...limits,
  });
}

/** The rest of a path after the prefix, with a leading "/". Undefined if the path does not start with the prefix. */
export function withoutPrefix(path: string, routePrefix: string): string | undefined {
  if (routePrefix === '') return path;
  const prefix = `/${routePrefix}`;
  // The host matches routes case-insensitively.
  if (path.slice(0, prefix.length).toLowerCase() !== prefix.toLowerCase()) return undefined;
  const rest = path.slice(prefix.length);
  if (rest === '') return '/';
  return rest.startsWith('/') ? rest : undefined;
}

/**
 * The URL of the function app. App Service ends TLS and sets X-Forwarded-Proto (learn.microsoft.com/azure/app-service,
 * configure-language: "detect HTTPS session").
 *
 * @param protocol default without such a header @param path the path of the call
 */
export function appAddress(
  headers: readonly Header[],
  protocol: string,
  host: string | undefined,
  path: string,
  routePrefix: string,
): OuterAddress | undefined {
  const prefix = outerPrefix(path, withoutPrefix(path, routePrefix) ?? path);
  const called = withoutPrefix(path, routePrefix) === '/' && path !== '/' ? path : prefix;
  return outerAddress(headerValue(headers, 'x-forwarded-proto') ?? protocol, host, called);
}

/**
 * The request without the function's key, which is only for the host. It is in the header `x-functions-key`, or in the
 * query as `code`, in upper or lower case (functions-bindings-http-webhook-trigger, "API key authorization").
 */
export function withoutKey<Request extends Pick<ModelRequest, 'headers' | 'query'>>(request: Request): Request {
  const query = request.query.split('&').filter((parameter) => !/^code(=|$)/i.test(unescaped(parameter)));
  return { ...request, query: query.join('&'), headers: withoutHeaders(request.headers, ['x-functions-key']) };
}

function unescaped(parameter: string): string {
  return parameter.replaceAll(/%([0-7][\da-f])/gi, (_escape, digits: string) =>
    String.fromCodePoint(Number.parseInt(digits, 16)),
  );
}

const notForwarded = ['host', 'content-length', 'expect', 'accept-encoding'];

function readUrl(url: string): { protocol: string; host: string; path: string; query: string } {
  const pattern = /^(https?):\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?/i;
  const [, protocol = '', host = '', path, query = ''] = pattern.exec(url) ?? [];
  if (path === undefined) throw new CallerError(400, 'INVOCATION', `the Url of the request is ${JSON.stringify(url)}`);
  return { protocol, host, path: escapePath(path || '/'), query: escapeQuery(query) };
}

/** The host (Kestrel) has decoded the headers as UTF-8. This encodes them again. */
function readHeaders(given: unknown): Header[] {
  if (!isJsonObject(given)) return [];
  return Object.entries(given).flatMap(([name, values]) =>
    [values].flat().map((value) => {
      const bytes = typeof value === 'string' ? Buffer.from(value).toString('latin1') : value;
      return receivedHeader(name, bytes);
    }),
  );
}

function readBody(given: unknown, headers: readonly Header[]): Buffer {
  if (given === undefined || given === null) return Buffer.alloc(0);
  if (typeof given !== 'string') throw new CallerError(400, 'INVOCATION', "the request's Body is not a text");
  const contentType = headerValue(headers, 'content-type') ?? '';
  if (/^\s*(application\/octet-stream|multipart\/)/i.test(contentType)) return Buffer.from(given, 'base64');
  const body = Buffer.from(given);
  const sent = headerValue(headers, 'content-length');
  // Invalid UTF-8 has become U+FFFD, and a byte order mark was dropped, which changes the length.
  if (!given.includes('\uFFFD') && (sent === undefined || Number(sent) === body.length)) return body;
  const type = contentType === '' ? 'without a Content-Type' : `of type ${contentType}`;
  const message = `the request's body ${type} was damaged by the function host, which passed it on as UTF-8 text`;
  throw new CallerError(415, 'INVOCATION', message, { hint: forwardingHint });
}
