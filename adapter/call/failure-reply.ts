import { ModelwhiskError } from '../../core/errors.ts';
import { CallerError, ModelServerError, operatorMessage, type ModelServerErrorCode } from '../errors.ts';
import type { WholeResponse } from '../http/message.ts';

/** Who reads an error. Only an operator may see the model server's output. */
export type Reader = 'caller' | 'operator';

/**
 * The reply for a failed call: 504 if the model server ran out of time, 502 if it crashed or sent an invalid reply, the
 * error's own status for an input error, 500 for anything else. The body is JSON with `message`, `code` and sometimes
 * `hint`.
 *
 * @param milliseconds how long the call took
 * @param reader an operator also sees the model server's last output
 * @param id the platform's id of the call, for the log
 */
export function failureResponse(
  error: unknown,
  milliseconds: number,
  reader: Reader = 'caller',
  id?: string,
): WholeResponse {
  const status = statusOf(error);
  const known = error instanceof ModelwhiskError ? error : undefined;
  // The message of an unknown error may contain secrets, so it goes only to the container's log.
  if (known === undefined) console.error(...(id === undefined ? [] : [`modelwhisk: call ${id} failed:`]), error);
  const message = reader === 'operator' ? operatorMessage(known) : known?.message;
  return jsonResponse(status, {
    message: known === undefined ? 'the adapter failed; its log has the details' : message,
    code: known?.code ?? 'INTERNAL',
    ...(known?.hint === undefined ? {} : { hint: known.hint }),
    ...(status === 504 ? { milliseconds: Math.round(milliseconds) } : {}),
  });
}

/** A JSON reply of the adapter itself. */
export function jsonResponse(status: number, value: unknown): WholeResponse {
  return {
    status,
    headers: [['content-type', 'application/json']],
    body: Buffer.from(`${JSON.stringify(value)}\n`),
  };
}

/** The largest reply that a platform accepts, in the platform's form. */
export interface ReplyLimit {
  readonly bytes: number;
  /** The platform's form, for messages, for example "an OpenWhisk result". */
  readonly what: string;
}

/**
 * A 413 with both sizes, instead of a reply that the platform would refuse or truncate.
 *
 * @param bytes size of the reply in the platform's form; undefined if it was not read to its end
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
