import type { IncomingMessage } from 'node:http';
import { CallerError } from '../../errors.ts';
import type { CallLimits } from '../../call/call-model.ts';
import { headerPairs, withoutHeaders, withoutHopByHop } from '../../http/headers.ts';
import type { WholeRequest } from '../../http/message.ts';

/**
 * The request as it arrived: method, path, query and headers as they are, but for those of the connection.
 * Rejects with CallerError.
 *
 * @param maximum longest body in bytes
 */
export async function readRequest(
  incoming: IncomingMessage,
  maximum: number,
  limits: CallLimits,
): Promise<WholeRequest> {
  const { path, query } = readTarget(incoming.url ?? '');
  const body = await readBody(incoming, maximum);
  const headers = withoutHeaders(withoutHopByHop(headerPairs(incoming.rawHeaders)), ['expect']);
  return { method: incoming.method ?? 'GET', path, query, headers, body, ...limits };
}

/** Origin form or absolute form (RFC 9112, section 3.2). */
function readTarget(target: string): { path: string; query: string } {
  const parts = /^(?:https?:\/\/[^/?#]*)?(\/[^?]*)?(?:\?(.*))?$/is.exec(target);
  if (parts === null) {
    throw new CallerError(400, 'HTTP_REQUEST', `the request target is ${JSON.stringify(target)}; expected a path`);
  }
  return { path: parts[1] ?? '/', query: parts[2] ?? '' };
}

/**
 * The request's body, of at most `maximum` bytes. A longer one is read to its end all the same, without being kept,
 * because only then does a client read the 413. Rejects with CallerError.
 */
export async function readBody(incoming: IncomingMessage, maximum: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length <= maximum) chunks.push(chunk);
    }
  } catch (cause) {
    throw new CallerError(499, 'HTTP_REQUEST', `the caller broke off its request after ${length} bytes of the body`, {
      cause,
    });
  }
  if (length <= maximum) return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
  throw new CallerError(413, 'HTTP_REQUEST', `the request's body has ${length} bytes, over the limit of ${maximum}`, {
    hint: 'send less, or name the input by its URL where the model takes a file',
  });
}
