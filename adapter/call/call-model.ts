import { collectBody, discardBody, explained } from '../http/body.ts';
import type { ModelRequest, ModelResponse, WholeResponse } from '../http/message.ts';
import { decodeContent } from './content-encoding.ts';
import { failureResponse, type ReplyLimit, tooLargeResponse } from './failure-reply.ts';
import type { CallContext, ModelCall, Outcome } from './model-call.ts';
import { OpenCall } from './open-call.ts';

/** A finished call of the model. A failed call also has a response. */
export interface Call {
  readonly response: WholeResponse;
  /** Undefined if no request could be made of the event. */
  readonly request: ModelRequest | undefined;
}

/**
 * Builds the request, sends it to the model server and collects the reply, for platforms that need whole replies. Logs
 * the call. Never rejects: every error becomes a reply (see failureResponse), and a reply over the platform's limit
 * becomes a 413 (see tooLargeResponse).
 *
 * @param contentEncoding "decode" decodes the reply's Content-Encoding, for platforms that move text as text
 */
export async function callModel(
  context: CallContext,
  call: ModelCall,
  limit: ReplyLimit,
  contentEncoding: 'decode' | 'keep',
): Promise<Call> {
  const open = new OpenCall(context, call);
  let response: WholeResponse;
  try {
    response = await collect(await open.send(false), limit);
    open.answered();
    if (contentEncoding === 'decode') response = await decoded(response, limit);
  } catch (error) {
    response = failureResponse(await open.cause(error), open.milliseconds, open.reader, call.id);
  }
  open.end({ status: response.status, bytes: response.body.length });
  return { response, request: open.request };
}

/** How a platform sends a reply. */
export interface Delivery {
  /** Registers a function to call when the caller has disconnected. It aborts the call. */
  readonly onCallerGone?: (act: () => void) => void;
  /**
   * Sends the reply, or the reply for a failure. Never rejects. The caller must be able to detect an incomplete reply.
   *
   * @param end must be called with the outcome just before the caller can see the end: it writes the log, and a
   *   platform may freeze the process right after the end
   */
  deliver(response: ModelResponse, request: ModelRequest | undefined, end: (outcome: Outcome) => void): Promise<void>;
}

/**
 * Builds the request, sends it to the model server and has the reply delivered as it comes, for platforms that stream.
 * Resolves once the last byte was handed on; never rejects. The time limit holds until then, and for a WebSocket until
 * it is open. Writes the call's line to the log.
 */
export async function streamModel(context: CallContext, call: ModelCall, delivery: Delivery): Promise<void> {
  const open = new OpenCall(context, call);
  delivery.onCallerGone?.(() => open.leave());
  let response: ModelResponse;
  try {
    response = withCause(await open.send(true), open);
    if (response.upgraded !== undefined) open.liftTimeLimit();
  } catch (error) {
    response = failureResponse(await open.cause(error), open.milliseconds, open.reader, call.id);
  }
  await delivery.deliver(response, open.request, (outcome) => open.end(outcome));
}

/** The reply, whose body explains an interruption by the call's own cause (see OpenCall.cause). */
function withCause(response: ModelResponse, open: OpenCall): ModelResponse {
  const { body } = response;
  if (Buffer.isBuffer(body)) return response;
  const explain = async (error: unknown): Promise<unknown> => {
    const cause = await open.cause(error);
    return cause === error ? explained(body, error) : cause;
  };
  return { ...response, body: { ...body, explain } };
}

async function collect(response: ModelResponse, limit: ReplyLimit): Promise<WholeResponse> {
  const body = await collectBody(response.body, limit.bytes * largestShrinkage);
  if (body !== undefined) return { ...response, body };
  discardBody(response.body);
  return tooLargeResponse(response.body.length, limit);
}

async function decoded(response: WholeResponse, limit: ReplyLimit): Promise<WholeResponse> {
  return (await decodeContent(response, limit.bytes * largestShrinkage)) ?? tooLargeResponse(undefined, limit);
}

/** Text in UTF-16, and JSON with much white space, become smaller in a platform's JSON. */
const largestShrinkage = 4;
