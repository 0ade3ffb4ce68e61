import { type ReplyLimit, tooLargeResponse } from '../../call/failure-reply.ts';
import type { WholeResponse } from '../../http/message.ts';

/** The reply in the platform's form. A reply over the limit becomes a small 413 with both sizes. */
export function withinLimit(
  response: WholeResponse,
  serialize: (response: WholeResponse) => Buffer,
  limit: ReplyLimit,
): Buffer {
  const serialized = serialize(response);
  return serialized.length <= limit.bytes ? serialized : serialize(tooLargeResponse(serialized.length, limit));
}
