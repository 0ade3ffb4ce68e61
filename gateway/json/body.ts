import { messageOf } from '../../core/errors.ts';
import { Rejection, messages } from '../errors.ts';
import type { Json } from './json.ts';
import { parseJson } from './parse.ts';

/** Parses a request's body. Throws Rejection 400 with the controller's message if it is not JSON. */
export function parseJsonBody(body: Uint8Array | string): Json {
  try {
    return parseJson(body);
  } catch (error) {
    const message = messageOf(error);
    // The controller wraps spray-json's message, but not that of java.math.BigDecimal.
    throw new Rejection(400, error instanceof SyntaxError ? messages.malformedContent(message) : message, {
      cause: error,
    });
  }
}
