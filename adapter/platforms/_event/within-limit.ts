import { tooLargeResponse } from '../../call/failure-reply.ts';
import type { WholeResponse } from '../../http/message.ts';

/**
 * The reply as the platform takes it. One that it would refuse becomes a small 413 that names both sizes.
 *
 * @param what the reply is to the platform, for the message, for example "a Lambda reply"
 * @param limit longest serialized reply in bytes
 */
export function withinLimit(
  response: WholeResponse,
  serialize: (response: WholeResponse) => Buffer,
  what: string,
  limit: number,
): Buffer {
  const serialized = serialize(response);
  return serialized.length <= limit ? serialized : serialize(tooLargeResponse(serialized.length, what, limit));
}
