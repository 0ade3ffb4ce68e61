import { ModelServerError } from '../errors.ts';
import { discardBody } from '../http/body.ts';
import type { ModelResponse } from '../http/message.ts';

/**
 * Refuses a reply whose body has another transfer coding than "chunked" (RFC 9112, section 7). The name of the coding
 * ends at the adapter, so the caller would get bytes that it cannot decode. The adapter never asks for such a coding.
 *
 * @throws ModelServerError
 */
export function checkTransferCoding({ headers, body }: ModelResponse): void {
  if (body.length === 0) return;
  const refused = headers.find(([name, value]) => name.toLowerCase() === 'transfer-encoding' && !plain.test(value));
  if (refused === undefined) return;
  discardBody(body);
  const coding = JSON.stringify(refused[1]);
  const message = `the model server's reply has the transfer coding ${coding}; expected "chunked" alone`;
  throw new ModelServerError('MODEL_REPLY', message, { hint: 'name a compression as Content-Encoding' });
}

/** "identity" is the old name of no coding (RFC 2616). */
const plain = /^(chunked|identity)$/i;
