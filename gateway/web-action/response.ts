import { looksLikeBase64 } from '../../core/openwhisk/media-types.ts';
import { errorReply, messages } from '../errors.ts';
import { isJsonFamily, parseContentType, type ContentType, type MediaType } from '../http/media-type.ts';
import { bytesReply, emptyReply, json, knownType, prettyJsonReply, textReply, type Reply } from '../http/message.ts';
import { decodeBase64, encodeText } from '../java-text.ts';
import { isJsonObject, type Json, type JsonObject } from '../json/json.ts';
import { prettyPrintJson, printJson } from '../json/print.ts';
import { resultHeaders, resultStatus } from './result-head.ts';
import type { Extension } from './route.ts';

/** Turns an action's result into a reply. The URL's extension decides how (WebActions.scala, `MediaExtension`). */
export function resultReply(extension: Extension, result: Json, transaction: string): Reply {
  switch (extension) {
    case '.http':
      return httpReply(result, transaction);
    case '.json':
      if (isJsonObject(result) || Array.isArray(result)) return prettyJsonReply(200, result);
      return errorReply(400, transaction, messages.invalidMedia('application/json'));
    case '.html':
      return propertyReply(result, 'html', html, transaction);
    case '.svg':
      return propertyReply(result, 'svg', svg, transaction);
    case '.text':
      return plainTextReply(result, transaction);
  }
}

const html: ContentType = { ...knownType('text/html'), charset: 'UTF-8' };
const svg = knownType('image/svg+xml');

function propertyReply(result: Json, property: string, type: ContentType, transaction: string): Reply {
  const value = isJsonObject(result) ? bodyOr(result, property) : result;
  if (typeof value === 'string') return bytesReply(200, type, encodeText(value));
  return errorReply(400, transaction, messages.invalidMedia(type.media.value));
}

function plainTextReply(result: Json, transaction: string): Reply {
  const value = isJsonObject(result) ? bodyOr(result, 'text') : result;
  if (value === undefined) return errorReply(404, transaction, messages.propertyNotFound);
  const isStructure = isJsonObject(value) || Array.isArray(value);
  const scalar = typeof value === 'string' ? value : printJson(value);
  return textReply(200, isStructure ? prettyPrintJson(value) : scalar);
}

function bodyOr(result: JsonObject, property: string): Json | undefined {
  return result['body'] === undefined ? result[property] : result['body'];
}

/** `.http`: the result has the status, the headers and the body. */
function httpReply(result: Json, transaction: string): Reply {
  const invalid = errorReply(400, transaction, messages.invalidMedia('message/http'));
  if (!isJsonObject(result)) return invalid;
  const headers = resultHeaders(result['headers']);
  const status = result['statusCode'] === undefined ? undefined : resultStatus(result['statusCode']);
  if (headers === undefined || status === 'invalid') return invalid;
  const { forwarded, contentType: type } = headers;
  const body = result['body'] ?? '';
  if (body === '') return emptyReply(status ?? 204, forwarded);
  const given = type === undefined ? undefined : parseContentType(type)?.media;
  if (typeof body !== 'string') {
    const media = type === undefined ? json.media : given;
    if (media === undefined || !isJsonFamily(media)) {
      return errorReply(400, transaction, messages.contentTypeMismatch);
    }
    return bytesReply(status ?? 200, jsonType(media), encodeText(prettyPrintJson(body)), forwarded);
  }
  const media = type === undefined ? html.media : given;
  if (media === undefined) return errorReply(400, transaction, messages.unknownContentType);
  const bytes = stringBody(body, media);
  if (bytes === undefined) return errorReply(400, transaction, messages.contentTypeMismatch);
  return bytesReply(status ?? 200, { media, charset: 'UTF-8' }, bytes, forwarded);
}

/** A JSON type loses its parameters and its charset. */
function jsonType({ type, subtype }: MediaType): ContentType {
  const { media } = knownType(`${type}/${subtype}`);
  return { media: { ...media, isBinary: false }, charset: undefined };
}

/** A string is decoded from base64 if its type is binary, or if its type is JSON and it looks like base64. */
function stringBody(body: string, media: MediaType): Buffer | undefined {
  const isEncoded = media.isBinary || (isJsonFamily(media) && looksLikeBase64(body));
  return isEncoded ? decodeBase64(body) : encodeText(body);
}
