import { validateHeaderName, validateHeaderValue } from 'node:http';
import { isBinary, isJsonFamily, looksLikeBase64 } from '../../core/openwhisk/media-types.ts';
import { parseMediaType } from '../../core/http/media-type.ts';
import { errorReply, messages } from '../errors.ts';
import { emptyReply, prettyJsonReply, textReply, type Header, type Reply } from '../http.ts';
import { isJsonObject, prettyPrintJson, printJson, sortedEntries, type Json, type JsonObject } from '../exact-json.ts';
import { decodeBase64, toLatin1 } from '../java-text.ts';
import { renderContentType } from './content-type.ts';
import type { Extension } from './route.ts';

/** Turns an action's result into a reply, by the URL's extension (WebActions.scala, `MediaExtension`). */
export function resultReply(extension: Extension, result: Json, transaction: string): Reply {
  switch (extension) {
    case '.http':
      return httpReply(result, transaction);
    case '.json':
      if (isJsonObject(result) || Array.isArray(result)) return prettyJsonReply(200, result);
      return errorReply(400, transaction, messages.invalidMedia('application/json'));
    case '.html':
      return propertyReply(result, 'html', 'text/html', transaction);
    case '.svg':
      return propertyReply(result, 'svg', 'image/svg+xml', transaction);
    case '.text':
      return plainTextReply(result, transaction);
  }
}

function propertyReply(result: Json, property: string, type: string, transaction: string): Reply {
  const value = isJsonObject(result) ? bodyOr(result, property) : result;
  if (typeof value !== 'string') return errorReply(400, transaction, messages.invalidMedia(type));
  return textReply(200, renderContentType(type, 'UTF-8') ?? type, value);
}

function plainTextReply(result: Json, transaction: string): Reply {
  const value = isJsonObject(result) ? bodyOr(result, 'text') : result;
  if (value === undefined) return errorReply(404, transaction, messages.propertyNotFound);
  const isStructure = isJsonObject(value) || Array.isArray(value);
  const scalar = typeof value === 'string' ? value : printJson(value);
  return textReply(200, 'text/plain; charset=UTF-8', isStructure ? prettyPrintJson(value) : scalar);
}

function bodyOr(result: JsonObject, property: string): Json | undefined {
  return result['body'] === undefined ? result[property] : result['body'];
}

/** `.http`: the result names the status, the headers and the body. */
function httpReply(result: Json, transaction: string): Reply {
  const invalid = errorReply(400, transaction, messages.invalidMedia('message/http'));
  if (!isJsonObject(result)) return invalid;
  const headers = resultHeaders(result['headers']);
  const status = result['statusCode'] === undefined ? undefined : statusCode(result['statusCode']);
  if (headers === undefined || status === 'invalid') return invalid;
  const kept = headers.filter(([name]) => !droppedHeaders.has(name.toLowerCase()));
  const body = result['body'] ?? '';
  if (body === '') return emptyReply(status ?? 204, kept);
  const given = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1];
  const contentType = given ?? (typeof body === 'string' ? 'text/html' : 'application/json');
  if (typeof body === 'string' && parseMediaType(contentType) === undefined) {
    return errorReply(400, transaction, messages.unknownContentType);
  }
  const entity = typeof body === 'string' ? textEntity(body, contentType) : jsonEntity(body, contentType);
  if (entity === undefined) return errorReply(400, transaction, messages.contentTypeMismatch);
  return { status: status ?? 200, headers: kept, ...entity };
}

type Entity = Pick<Reply, 'contentType' | 'body'>;

/** A string goes out as it is, or decoded where its type is binary or it is JSON that could be base64. */
function textEntity(body: string, contentType: string): Entity | undefined {
  const rendered = renderContentType(contentType, 'UTF-8');
  const encoded = isBinary(contentType) || (isJsonFamily(contentType) && looksLikeBase64(body));
  const bytes = encoded ? decodeBase64(body) : Buffer.from(body);
  return bytes === undefined ? undefined : { contentType: rendered, body: bytes };
}

function jsonEntity(body: Json, contentType: string): Entity | undefined {
  const media = parseMediaType(contentType);
  if (media === undefined || !isJsonFamily(contentType)) return undefined;
  return { contentType: `${media.type}/${media.subtype}`, body: Buffer.from(prettyPrintJson(body)) };
}

/** Headers that belong to the connection or the entity; pekko-http drops them from a result with a warning. */
const droppedHeaders = new Set(['content-type', 'content-length', 'transfer-encoding', 'date', 'server', 'connection']);

/** Undefined when the result's headers cannot be headers. */
function resultHeaders(headers: Json | undefined): Header[] | undefined {
  if (headers === undefined) return [];
  if (!isJsonObject(headers)) return undefined;
  const lines = sortedEntries(headers satisfies JsonObject).map(([name, value]) => headerLines(name, value));
  return lines.some((line) => line === undefined) ? undefined : lines.flatMap((line) => line ?? []);
}

/** One line for a scalar, one each for the elements of an array, nested ones too; undefined for null and objects. */
function headerLines(name: string, value: Json): Header[] | undefined {
  if (Array.isArray(value)) {
    const lines = value.map((element: Json) => headerLines(name, element));
    return lines.some((line) => line === undefined) ? undefined : lines.flatMap((line) => line ?? []);
  }
  if (value === null || isJsonObject(value)) return undefined;
  const text = typeof value === 'string' ? value : printJson(value);
  return isHeader(name, text) ? [[name, text]] : undefined;
}

function isHeader(name: string, value: string): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, toLatin1(value));
    return true;
  } catch {
    return false;
  }
}

/**
 * A whole number, or a string of one. Codes below 200 are no final answer and above 599 are unknown to pekko-http.
 */
function statusCode(value: Json): number | 'invalid' {
  if (typeof value === 'boolean' || value === null || Array.isArray(value) || isJsonObject(value)) return 'invalid';
  if (typeof value === 'string' && !/^[+-]?\d+$/.test(value)) return 'invalid';
  const code = Number(typeof value === 'string' ? value : printJson(value));
  return Number.isInteger(code) && code >= 200 && code <= 599 ? code : 'invalid';
}
