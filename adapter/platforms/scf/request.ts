import type { ModelRow } from '../../../core/row.ts';
import { CallerError } from '../../errors.ts';
import type { CallLimits } from '../../call/call-model.ts';
import { damagedText, isDamaged } from '../_event/damaged-text.ts';
import { withoutHeaders, withoutHopByHop } from '../../http/headers.ts';
import { receivedHeader } from '../_event/received-header.ts';
import { withParameters } from '../../inputs/fields.ts';
import type { Header, WholeRequest } from '../../http/message.ts';
import { modelPath } from '../../http/request-line.ts';
import { withoutCredentials } from './call-context.ts';
import type { HttpEvent } from './event.ts';

/**
 * The HTTP request that an event stands for, as far as its trigger left it whole: the query is decoded, repeated
 * headers may be joined.
 *
 * @param context headers about the call, see ScfContext
 * @throws CallerError when the event could not come from a request, and when the trigger made text of a body of bytes
 */
export function httpRequest(
  event: HttpEvent,
  context: readonly Header[],
  row: ModelRow,
  limits: CallLimits,
): WholeRequest {
  const method = event.httpMethod.toUpperCase();
  if (!/^[A-Z-]+$/.test(method))
    throw new CallerError(400, 'EVENT', `httpMethod is ${JSON.stringify(event.httpMethod)}`);
  if (!/^(\/|$)/.test(event.path)) {
    throw new CallerError(400, 'EVENT', `path is ${JSON.stringify(event.path)}; expected it to start with "/"`);
  }
  const received = Object.entries(event.headers ?? {}).flatMap(([name, values]) =>
    [values].flat().map((value) => receivedHeader(name, value)),
  );
  const dropped = ['content-length', 'expect', ...(event.kind === 'url' ? ['accept-encoding'] : [])];
  const headers = withoutHeaders(withoutCredentials(withoutHopByHop(received)), dropped);
  const own = new Set(context.map(([name]) => name));
  return {
    method,
    path: modelPath(event.path, method, row),
    query: withParameters('', Object.entries(event.queryString ?? {})),
    headers: [...headers.filter(([name]) => !own.has(name.toLowerCase())), ...context],
    body: bodyOf(event, received),
    ...limits,
  };
}

function bodyOf({ body, isBase64Encoded }: HttpEvent, headers: readonly Header[]): Buffer {
  if (isBase64Encoded === true) return Buffer.from(body ?? '', 'base64');
  if (!isDamaged(body ?? '', headers)) return Buffer.from(body ?? '');
  throw damagedText(
    400,
    'the trigger',
    'deploy the image as a web function, switch on base64 for the API Gateway trigger, ' +
      'or send JSON with the file as base64',
  );
}
