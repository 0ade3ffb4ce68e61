import { collectBody, discardBody, explained } from '../http/body.ts';
import type { ModelRequest, ModelResponse, WholeResponse } from '../http/message.ts';
import { decodeContent } from './content-encoding.ts';
import { failureResponse, type ReplyLimit, tooLargeResponse } from './failure-reply.ts';
import { type CallContext, type ModelCall, OpenCall, type Outcome } from './open-call.ts';

/** One call of the model and what became of it; a call that failed has a reply, too. */
export interface Call {
  readonly response: WholeResponse;
  /** Undefined when the event could not be made into a request. */
  readonly request: ModelRequest | undefined;
}

/**
 * Builds the request, sends it to the model server and collects the reply, for platforms that move whole replies. Never
 * rejects: whatever goes wrong is a reply (see failureResponse), and a reply that no form of fits into the platform's
 * limit is a 413 (see tooLargeResponse). Writes the call's line to the log.
 *
 * @param contentEncoding "decode" undoes the reply's, for platforms that move text as text
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
    response = failureResponse(await open.cause(error), open.milliseconds, open.reader);
  }
  open.end({ status: response.status, bytes: response.body.length });
  return { response, request: open.request };
}

/** How a platform passes a reply on. */
export interface Delivery {
  /** Told what to call once the caller is gone, which gives the call up. */
  readonly onCallerGone?: (act: () => void) => void;
  /**
   * Passes the reply on, or the one that stands for a failure. Never rejects. A reply that breaks off must be seen as
   * broken by the caller.
   *
   * @param end to be told how the call ended, just before the caller can see its end: what is in the log by then is
   *   found there, and a platform may freeze the process right after
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
    response = failureResponse(await open.cause(error), open.milliseconds, open.reader);
  }
  await delivery.deliver(response, open.request, (outcome) => open.end(outcome));
}

/** The reply with a body that tells why the call failed, where it breaks off for that. */
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

/** Text in UTF-16 and JSON with much white space take less than their bytes in the JSON of a platform. */
const largestShrinkage = 4;
