import { Rejection, messages } from '../errors.ts';
import { renderContentType } from '../http/media-type.ts';
import type { GatewayRequest } from '../http/message.ts';
import { parseJsonBody } from '../json/body.ts';
import { isJsonObject, type JsonObject } from '../json/json.ts';

/** The JSON object in a request; {} without a body. Throws Rejection 400 or 415 for anything else. */
export function jsonObjectIn({ contentType, body }: GatewayRequest): JsonObject {
  if (contentType === undefined) return {};
  const { type, subtype } = contentType.media;
  if (type !== 'application' || subtype !== 'json') {
    const given = renderContentType(contentType);
    throw new Rejection(415, `The request's Content-Type [${given}] is not supported. Expected:\napplication/json`);
  }
  if (body.length === 0) return {};
  const value = parseJsonBody(body);
  if (!isJsonObject(value)) throw new Rejection(400, messages.malformedContent('JSON object expected'));
  return value;
}
