import { withoutHeaders } from '../../http/headers.ts';
import type { Header, ModelRequest, WholeRequest } from '../../http/message.ts';
import { type PredictContext, predictRequest } from '../_http/predict-request.ts';
import type { CloudEvent } from './cloud-event.ts';

/**
 * Turns an event into a request on the predict route. The attributes become `ce-*` headers, as in binary mode. The data
 * is the model's input (see predictRequest). Rejects with CallerError if the data does not suit the model.
 */
export async function eventRequest(
  event: CloudEvent,
  received: WholeRequest,
  context: PredictContext,
): Promise<ModelRequest> {
  const kept = withoutHeaders(received.headers, ['content-type', 'content-length']).filter(
    ([name]) => !name.toLowerCase().startsWith('ce-'),
  );
  const type: readonly Header[] = event.contentType === undefined ? [] : [['content-type', event.contentType]];
  const headers = [...kept, ...event.attributes, ...type];
  return predictRequest({ ...received, headers, body: event.data }, context, words);
}

const words = { data: "the event's data", missing: 'the event has no data' };
