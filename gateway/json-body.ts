import { messageOf } from '../core/errors.ts';
import { Rejection, messages } from './errors.ts';
import { parseJson, type Json } from './exact-json.ts';
import { decodeText } from './java-text.ts';

/** The JSON value of a request's body. Throws Rejection 400 when it is none. */
export function parseJsonBody(body: Uint8Array): Json {
  try {
    return parseJson(decodeText(body));
  } catch (error) {
    throw new Rejection(400, messages.malformedContent(messageOf(error)), { cause: error });
  }
}
