import { encodedComponent } from '../../../core/http/percent.ts';
import type { ModelRow } from '../../../core/row.ts';
import { CallerError } from '../../errors.ts';
import type { CallLimits } from '../../call/model-call.ts';
import { withoutHeaders, withoutHopByHop } from '../../http/headers.ts';
import { withJsonType } from '../_event/json-type.ts';
import { receivedHeader } from '../_event/received-header.ts';
import type { Header, WholeRequest } from '../../http/message.ts';
import { escapeQuery, modelPath } from '../../http/request-line.ts';
import { damagedText, isDamaged } from '../_event/damaged-text.ts';
import type { AlbEvent, HttpApiEvent, HttpEvent, LatticeEvent, RestEvent } from './http-event.ts';
import { functionAddress } from './function-address.ts';
import { requestContextHeaders, withoutContextHeaders } from './context-headers.ts';

/**
 * The HTTP request in an event. The services change it: a REST API decodes the query, an HTTP API decodes the path, and
 * HTTP APIs and Function URLs join repeated headers with commas.
 *
 * @param context headers about the invocation, see contextHeaders
 * @param basePath prefix of the path, see LambdaSettings
 * @throws CallerError for an event that is not a valid request
 */
export function httpRequest(
  event: HttpEvent,
  context: readonly Header[],
  row: ModelRow,
  limits: CallLimits,
  basePath = '',
): WholeRequest {
  const { method: given, path, query, headers } = requestParts(event);
  const method = given.toUpperCase();
  if (!/^[A-Z-]+$/.test(method))
    throw new CallerError(400, 'EVENT', `the event's HTTP method is ${JSON.stringify(given)}`);
  if (!/^(\/|$)/.test(path))
    throw new CallerError(400, 'EVENT', `the event's path is ${JSON.stringify(path)}; expected it to start with "/"`);
  const received = headers.map(([name, value]) => receivedHeader(name, value));
  const told = [...context, ...requestContextHeaders(event.requestContext)];
  const replaced = [...ownHeaders, ...told.map(([name]) => name)];
  const body = bodyOf(event.event.body ?? '', event.event.isBase64Encoded === true, received);
  const ownPath = withoutPrefix(path, basePath);
  return {
    method,
    path: modelPath(ownPath, method, row),
    query,
    headers: withJsonType(
      [...withoutContextHeaders(withoutHeaders(withoutHopByHop(received), replaced)), ...told],
      body,
    ),
    body,
    outer: functionAddress(event, received, ownPath),
    ...limits,
  };
}

function bodyOf(body: string, isBase64: boolean, headers: readonly Header[]): Buffer {
  if (isBase64) return Buffer.from(body, 'base64');
  if (!isDamaged(body, headers)) return Buffer.from(body);
  throw damagedText(
    415,
    'the service in front of the function',
    "send the file's own Content-Type, such as image/png; a REST API also needs its binaryMediaTypes, */* at best",
  );
}

const ownHeaders = ['content-length', 'expect'];

interface RequestParts {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: readonly Header[];
}

function requestParts(source: HttpEvent): RequestParts {
  switch (source.kind) {
    case 'rest':
      return restParts(source.event);
    case 'http':
      return httpApiParts(source.event);
    case 'alb':
      return albParts(source.event);
    case 'lattice':
      return latticeParts(source.event);
  }
}

function restParts(event: RestEvent): RequestParts {
  const { httpMethod: method, path, multiValueQueryStringParameters, queryStringParameters } = event;
  return {
    method,
    // An HTTP API's path contains the stage. A REST API's does not.
    path: event.version === '1.0' ? withoutPrefix(path, stagePrefix(event.requestContext.stage)) : path,
    query: encodedQuery(pairs(multiValueQueryStringParameters, queryStringParameters)),
    headers: pairs(event.multiValueHeaders, event.headers),
  };
}

function encodedQuery(decoded: readonly Header[]): string {
  return decoded.map((pair) => pair.map(encodedComponent).join('=')).join('&');
}

function latticeParts({ method, path: target, headers, queryStringParameters }: LatticeEvent): RequestParts {
  const [path = '', query] = target.split(/\?(.*)/s);
  return {
    method,
    path,
    query: query === undefined ? encodedQuery(valuePairs(queryStringParameters)) : escapeQuery(query),
    headers: valuePairs(headers),
  };
}

function valuePairs(values: LatticeEvent['headers']): Header[] {
  return Object.entries(values ?? {}).flatMap(([name, all]) => [all].flat().map((value): Header => [name, value]));
}

function httpApiParts({ requestContext, rawPath, rawQueryString, headers, cookies }: HttpApiEvent): RequestParts {
  const cookie: Header[] = cookies?.length ? [['cookie', cookies.join('; ')]] : [];
  return {
    method: requestContext.http.method,
    path: withoutPrefix(rawPath, stagePrefix(requestContext.stage)),
    query: escapeQuery(rawQueryString),
    headers: [...Object.entries(headers ?? {}).filter(([name]) => !cookies?.length || name !== 'cookie'), ...cookie],
  };
}

/** A load balancer does not decode the query (services-alb), so it must not be encoded again. */
function albParts(event: AlbEvent): RequestParts {
  const { httpMethod: method, path, multiValueQueryStringParameters, queryStringParameters } = event;
  const query = pairs(multiValueQueryStringParameters, queryStringParameters)
    .map((pair) => pair.join('='))
    .join('&');
  return { method, path, query: escapeQuery(query), headers: pairs(event.multiValueHeaders, event.headers) };
}

/** Prefers the map with all values. The other map has only the last value of each name. */
function pairs(
  multiple: Readonly<Record<string, readonly string[]>> | null | undefined,
  single: Readonly<Record<string, string>> | null | undefined,
): Header[] {
  if (!multiple) return Object.entries(single ?? {});
  return Object.entries(multiple).flatMap(([name, values]) => values.map((value): Header => [name, value]));
}

/** An HTTP API's path starts with the stage, unless that is "$default". */
function stagePrefix(stage: string): string {
  return stage === '$default' ? '' : `/${stage}`;
}

function withoutPrefix(path: string, prefix: string): string {
  return path === prefix || path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : path;
}
