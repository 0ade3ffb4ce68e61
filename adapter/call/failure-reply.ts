import { ModelwhiskError } from '../../core/errors.ts';
import { CallerError, ModelServerError, operatorMessage, type ModelServerErrorCode } from '../errors.ts';
import type { WholeResponse } from '../http/message.ts';

/** An operator may read what the model server wrote, and a caller over HTTP may not. */
export type Reader = 'caller' | 'operator';

/**
 * The reply for a call that ended without one: 504 where the model server ran out of time, 502 where it died or
 * talked nonsense, an input error's own status, 500 for anything unforeseen. The body is JSON with `message`, `code`
 * and, where one is known, `hint`.
 *
 * @param milliseconds how long the call took until it was given up
 * @param reader an operator also reads what the model server wrote last. Default: a caller, who does not
 */
export function failureResponse(error: unknown, milliseconds: number, reader: Reader = 'caller'): WholeResponse {
  const status = statusOf(error);
  const known = error instanceof ModelwhiskError ? error : undefined;
  // Text that was not written for callers may hold anything; it goes to the container's log instead.
  if (known === undefined) console.error(error);
  const message = reader === 'operator' ? operatorMessage(known) : known?.message;
  return jsonResponse(status, {
    message: known === undefined ? 'the adapter failed; its log has the details' : message,
    code: known?.code ?? 'INTERNAL',
    ...(known?.hint === undefined ? {} : { hint: known.hint }),
    ...(status === 504 ? { milliseconds: Math.round(milliseconds) } : {}),
  });
}

/** A JSON reply of the adapter's own making. */
export function jsonResponse(status: number, value: unknown): WholeResponse {
  return {
    status,
    headers: [['content-type', 'application/json']],
    body: Buffer.from(`${JSON.stringify(value)}\n`),
  };
}

/** The longest reply that a platform takes, in the form that it takes replies in. */
export interface ReplyLimit {
  readonly bytes: number;
  /** The reply as the platform takes it, for example "an OpenWhisk result". */
  readonly what: string;
}

/**
 * The reply in place of one that the platform would refuse or cut off: a 413 that names both sizes.
 *
 * @param bytes of the reply as the platform would have to take it; undefined where it was not read to its end
 */
export function tooLargeResponse(bytes: number | undefined, { bytes: limit, what }: ReplyLimit): WholeResponse {
  const size = bytes === undefined ? `more than ${limit}` : String(bytes);
  return jsonResponse(413, {
    message: `the model's reply takes ${size} bytes as ${what}, over the platform's limit of ${limit}`,
    code: 'RESULT_TOO_LARGE',
    hint: 'ask the model for a smaller reply, or run the image on a platform with a larger limit',
  });
}

const statuses: Partial<Readonly<Record<ModelServerErrorCode, number>>> = { MODEL_TIMEOUT: 504, SHUT_DOWN: 503 };

function statusOf(error: unknown): number {
  if (error instanceof ModelServerError) return statuses[error.code] ?? 502;
  return error instanceof CallerError ? error.status : 500;
}
