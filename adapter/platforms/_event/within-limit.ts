import { type ReplyLimit, tooLargeResponse } from '../../call/failure-reply.ts';
import type { WholeResponse } from '../../http/message.ts';

/** The reply as the platform takes it. One that it would refuse becomes a small 413 that names both sizes. */
export function withinLimit(
  response: WholeResponse,
  serialize: (response: WholeResponse) => Buffer,
  limit: ReplyLimit,
): Buffer {
  const serialized = serialize(response);
  return serialized.length <= limit.bytes ? serialized : serialize(tooLargeResponse(serialized.length, limit));
}
