import { STATUS_CODES } from 'node:http';
import type { ModelRow } from '../../core/row.ts';
import type { FetchPolicy } from '../fetch/policy.ts';
import { decodeDocument } from '../http/charset.ts';
import { headerValue, withoutHeaders } from '../http/headers.ts';
import { namesFile } from './file-keys.ts';
import { formRequest } from './form-input.ts';
import { fileListRoute, namedFileRequest } from './list-input.ts';
import { divideFields, withParameters } from './fields.ts';
import { JsonText, writeObject } from '../json/exact.ts';
import { isJsonObject } from '../json/object.ts';
import { parseMediaType } from '../../core/http/media-type.ts';
import type { ModelRequest, WholeRequest, WholeResponse } from '../http/message.ts';
import { isBinary, isJsonFamily } from '../../core/openwhisk/media-types.ts';
import { isSuccessStatus } from '../http/status.ts';

/**
 * Turns a plain invocation (parameters without an HTTP request) into a request on the predict route:
 *
 * - for a list route that takes files, if a parameter names one: the JSON of withListInput;
 * - for a file: the form or body of withFormInput; CallerError 400 if no parameter names the file;
 * - for JSON: the parameters as the JSON body, except those declared as query parameters;
 * - for a query: all parameters in the query.
 */
export async function invocationRequest(
  parameters: Readonly<Record<string, unknown>>,
  row: ModelRow,
  context: Pick<ModelRequest, 'headers' | 'signal' | 'deadline'>,
  policy: FetchPolicy,
): Promise<WholeRequest> {
  const { input, method, path } = row.predict;
  const request: WholeRequest = { ...context, method, path, query: '', body: Buffer.alloc(0) };
  const list = fileListRoute(request, row);
  if (list !== undefined && namesFile(parameters, list.file.field)) {
    return namedFileRequest(request, parameters, list, policy);
  }
  switch (input.kind) {
    case 'file':
    case 'raw':
      return formRequest(request, parameters, row.predict, input, policy);
    case 'json': {
      const { query, others } = divideFields(parameters, row.predict);
      return {
        ...request,
        query: withParameters('', query),
        headers: [...withoutHeaders(request.headers, ['content-type']), ['content-type', 'application/json']],
        body: Buffer.from(writeObject(others)),
      };
    }
    case 'query':
      return { ...request, query: withParameters('', Object.entries(parameters)) };
  }
}

/**
 * The result of a plain invocation:
 *
 * - a JSON object is the result itself;
 * - any other body becomes `{content_type, body}`: the value for JSON types (the text if it is invalid JSON), the text
 *   for text types, base64 for other types. An empty body becomes `{}`. The default type is the row's `output`; if that
 *   is JSON, the body must parse;
 * - a status other than 2xx becomes `{error: {statusCode, message}}`, with `content_type` and `body` as above if the
 *   reply has a body.
 *
 * OpenWhisk treats an object with a top-level `error` as a failed action and drops its other keys
 * (ActivationResult.scala), so a successful JSON object with `error` becomes `{content_type, body}` as well.
 * The body must have no Content-Encoding. Numbers lose the digits that a double cannot hold, as in JSON.parse.
 *
 * @param output the row's content type of a successful reply; undefined for a reply of the adapter itself
 */
export function invocationResult(response: WholeResponse, output?: string): Record<string, unknown> {
  const content = contentOf(response, isSuccessStatus(response.status) ? output : undefined);
  if (!isSuccessStatus(response.status)) return { error: failure(response, content) };
  if (content === undefined) return {};
  return isJsonObject(content.body) && !Object.hasOwn(content.body, 'error') ? content.body : { ...content };
}

interface TypedBody {
  readonly content_type: string;
  readonly body: unknown;
}

function contentOf({ headers, body }: WholeResponse, output: string | undefined): TypedBody | undefined {
  if (body.length === 0) return undefined;
  const declared = headerValue(headers, 'content-type');
  const isTyped = declared !== undefined && parseMediaType(declared) !== undefined;
  const contentType = isTyped ? declared : likelyType(body, output);
  const isJsonType = isJsonFamily(contentType);
  if (!isJsonType && isBinary(contentType)) return { content_type: contentType, body: body.toString('base64') };
  const text = decodeDocument(body, parseMediaType(contentType)?.charset);
  // With a text type, the caller would read the base64 as the text.
  if (text === undefined) return { content_type: unknownType, body: body.toString('base64') };
  return { content_type: contentType, body: isJsonType ? jsonOr(text) : text };
}

const unknownType = 'application/octet-stream';

/** The type of a body without a Content-Type. */
function likelyType(body: Buffer, output = 'application/json'): string {
  if (!isJsonFamily(output)) return output;
  const text = decodeDocument(body, undefined);
  return text !== undefined && isJson(text) ? output : unknownType;
}

function isJson(text: string): boolean {
  try {
    JsonText.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * The JSON value. Invalid JSON (such as NaN, which Python's json writes) stays a text, and so does a value that is too
 * deep: OpenWhisk's JSON library stops at 1000 levels (spray-json, JsonParserSettings) and then removes the container.
 */
function jsonOr(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isDeeperThan(value, 990) ? text : value;
  } catch {
    return text;
  }
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((each) => isDeeperThan(each, levels - 1));
}

function failure(response: WholeResponse, content: TypedBody | undefined): Record<string, unknown> {
  const { status } = response;
  const location = headerValue(response.headers, 'location');
  const said = isJsonObject(content?.body) ? content.body['message'] : undefined;
  const summary = [`the model server answered ${status}`, STATUS_CODES[status]].filter(Boolean).join(' ');
  const message = location === undefined ? summary : `${summary}, to ${location}`;
  return { statusCode: status, message: typeof said === 'string' ? said : message, ...content };
}
