import type { IncomingMessage } from 'node:http';
import { messageOf } from '../../core/errors.ts';
import { ModelServerError } from './errors.ts';
import type { Header, ModelResponse } from './model-server.ts';

/**
 * Reads a reply to its end, bytes and headers as they came.
 *
 * @param limit largest body in bytes; a longer one rejects with MODEL_REPLY
 * @throws ModelServerError MODEL_CRASHED when the reply breaks off, MODEL_REPLY when its status is none that ends a call:
 *   101, or one outside of HTTP's range (RFC 9110 section 15), which platforms refuse as a whole
 */
export function collectReply(incoming: IncomingMessage, limit: number): Promise<ModelResponse> {
  return new Promise((fulfil, reject) => {
    const { statusCode: status = 0 } = incoming;
    if (status < 200 || status > 599) throw impossibleStatus(incoming);
    const chunks: Buffer[] = [];
    let length = 0;
    // Listeners, as iterating costs several promises for each chunk.
    incoming.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length <= limit) return;
      reject(new ModelServerError('MODEL_REPLY', `the model server's reply is over ${limit} bytes`));
      incoming.destroy();
    });
    incoming.on('end', () =>
      fulfil({ status, headers: headerPairs(incoming.rawHeaders), body: concatenated(chunks, length) }),
    );
    incoming.on('error', (cause) => {
      const message = `the model server broke off its reply: ${messageOf(cause)}`;
      reject(new ModelServerError('MODEL_CRASHED', message, { cause }));
    });
  });
}

function concatenated(chunks: readonly Buffer[], length: number): Buffer {
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, length);
}

function impossibleStatus(incoming: IncomingMessage): ModelServerError {
  incoming.destroy();
  return new ModelServerError('MODEL_REPLY', `the model server answered with status ${incoming.statusCode}`, {
    hint: 'a reply that ends a call has a status from 200 to 599',
  });
}

/** Node's flat list of raw header names and values, in pairs. */
export function headerPairs(raw: readonly string[]): Header[] {
  const pairs: Header[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) pairs.push([raw[index] ?? '', raw[index + 1] ?? '']);
  return pairs;
}
