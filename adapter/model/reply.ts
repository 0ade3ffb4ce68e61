import type { IncomingMessage } from 'node:http';
import { messageOf } from '../../core/errors.ts';
import { ModelServerError } from '../errors.ts';
import { headerPairs } from '../http/headers.ts';
import { joined, readParts } from '../http/body.ts';
import type { WholeResponse } from '../http/message.ts';

/**
 * Reads a reply to its end, bytes and headers as they came.
 *
 * @param limit largest body in bytes; a longer one rejects with MODEL_REPLY
 * @throws ModelServerError MODEL_CRASHED when the reply breaks off, MODEL_REPLY when its status is none that ends a call:
 *   101, or one outside of HTTP's range (RFC 9110 section 15), which platforms refuse as a whole
 */
export async function collectReply(incoming: IncomingMessage, limit: number): Promise<WholeResponse> {
  const { statusCode: status = 0 } = incoming;
  if (status < 200 || status > 599) throw impossibleStatus(incoming);
  const parts = await readParts(incoming, limit).catch((cause: unknown) => {
    const message = `the model server broke off its reply: ${messageOf(cause)}`;
    throw new ModelServerError('MODEL_CRASHED', message, { cause });
  });
  if (parts === undefined) {
    throw new ModelServerError('MODEL_REPLY', `the model server's reply is over ${limit} bytes`);
  }
  return { status, headers: headerPairs(incoming.rawHeaders), body: joined(parts) };
}

function impossibleStatus(incoming: IncomingMessage): ModelServerError {
  incoming.destroy();
  return new ModelServerError('MODEL_REPLY', `the model server answered with status ${incoming.statusCode}`, {
    hint: 'a reply that ends a call has a status from 200 to 599',
  });
}
