import type { BatchRoute } from '../../core/batch-row.ts';
import { parseMediaType } from '../../core/http/media-type.ts';
import { discardBody, readAhead } from '../http/body.ts';
import { isUtf8 } from '../http/charset.ts';
import { headerValue } from '../http/headers.ts';
import type { Body, ModelRequest, WholeRequest } from '../http/message.ts';
import { unlessAborted } from '../model/abort.ts';
import type { ModelServer } from '../model/model-server.ts';
import { Batcher } from './batcher.ts';
import { callSender } from './send-calls.ts';
import { tensorLists } from './tensor-lists.ts';
import { valueLists } from './value-lists.ts';

/**
 * A model server with batches: simultaneous calls of the route share a request (docs/batching.md). All other calls are
 * passed on unchanged: other routes, bodies that are not JSON or too long, and callers that ask for a stream.
 *
 * @param maximumReply longest reply to a batch, in bytes
 */
export function batchingModel(model: ModelServer, route: BatchRoute, maximumReply: number): ModelServer {
  const format = route.elements === 'tensors' ? tensorLists(route) : valueLists(route);
  const batcher = new Batcher(route, format, callSender(model, route, format, maximumReply));
  return {
    ...(model.launched !== undefined && { launched: model.launched }),
    ready: () => model.ready(),
    configure: (environment) => model.configure(environment),
    renewConnections: () => model.renewConnections?.(),
    close: () => model.close(),
    handle: async (request) => {
      if (!mayShare(request, route)) return model.handle(request);
      const body = await readBody(request, route.bytes);
      return Buffer.isBuffer(body) ? batcher.handle(whole(request, body)) : model.handle({ ...request, body });
    },
  };
}

function mayShare({ method, path, headers }: ModelRequest, route: BatchRoute): boolean {
  if (method !== route.method || path !== route.path) return false;
  const media = parseMediaType(headerValue(headers, 'content-type') ?? '');
  const isJson = media !== undefined && (media.subtype === 'json' || media.subtype.endsWith('+json'));
  if (!isJson || !isUtf8(media.charset) || headerValue(headers, 'content-encoding') !== undefined) return false;
  return !(headerValue(headers, 'accept') ?? '').includes('text/event-stream');
}

async function readBody({ body, signal }: ModelRequest, limit: number): Promise<Body> {
  if (Buffer.isBuffer(body)) return body;
  try {
    return await unlessAborted(signal, 'the model server did not answer in time', readAhead(body, limit));
  } catch (error) {
    discardBody(body);
    throw error;
  }
}

function whole(request: ModelRequest, body: Buffer): WholeRequest {
  return request.body === body ? (request as WholeRequest) : { ...request, body };
}
