import { type ReplyLimit, tooLargeResponse } from '../../call/failure-reply.ts';
import { discardBody, readAhead } from '../../http/body.ts';
import type { ModelResponse } from '../../http/message.ts';

/**
 * The reply, or a small 413 with both sizes if the platform would refuse it. A reply without a stated length is
 * streamed if the platform streams; otherwise it is read first, up to the limit.
 */
export async function withinReplyLimit(
  response: ModelResponse,
  limit: ReplyLimit,
  streams: boolean,
): Promise<ModelResponse> {
  const known = response.body.length;
  const body = known === undefined && !streams ? await readAhead(response.body, limit.bytes) : response.body;
  const isTooLarge = body.length === undefined ? !streams : body.length > limit.bytes;
  if (!isTooLarge) return { ...response, body };
  discardBody(body);
  return tooLargeResponse(body.length, limit);
}
