import type { IncomingMessage } from 'node:http';
import { messageOf } from '../../core/errors.ts';
import { headerPairs, withoutHopByHop } from '../headers.ts';
import { ModelServerError } from './errors.ts';
import type { ModelResponse } from './model-server.ts';

/**
 * Reads a reply to its end, bytes and headers as they came but for those of the connection.
 *
 * @param limit largest body in bytes; a longer one rejects with MODEL_REPLY
 * @param signal where it is aborted, the promise rejects with its reason
 * @throws ModelServerError MODEL_CRASHED when the reply breaks off
 */
export async function collectReply(
  incoming: IncomingMessage,
  limit: number,
  signal: AbortSignal,
): Promise<ModelResponse> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > limit) throw new ModelServerError('MODEL_REPLY', `the model server's reply is over ${limit} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof ModelServerError) throw error;
    const message = `the model server broke off its reply: ${messageOf(error)}`;
    throw new ModelServerError('MODEL_CRASHED', message, { cause: error });
  }
  return {
    status: incoming.statusCode ?? 502,
    headers: withoutHopByHop(headerPairs(incoming.rawHeaders)),
    body: Buffer.concat(chunks, length),
  };
}
