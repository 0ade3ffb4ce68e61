import { messageOf } from '../../core/errors.ts';
import { Rejection, messages } from '../errors.ts';
import type { Json } from './json.ts';
import { parseJson } from './parse.ts';

/** The JSON value of a request's body. Throws Rejection 400 with the controller's message when it is none. */
export function parseJsonBody(body: Uint8Array | string): Json {
  try {
    return parseJson(body);
  } catch (error) {
    const message = messageOf(error);
    // spray-json's own complaint is of the content; java.math.BigDecimal's is not.
    throw new Rejection(400, error instanceof SyntaxError ? messages.malformedContent(message) : message, {
      cause: error,
    });
  }
}
