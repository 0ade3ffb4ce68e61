import * as z from 'zod';
import { JsonText, plainValue, writeJson } from '../../json/exact.ts';
import { isJsonObject } from '../../json/object.ts';
import { checkEvent } from './event.ts';
import { parseBase64 } from '../../inputs/base64.ts';
import { bytesInputs, messageInputs, refusedInput, type EventInput, type Unwrap } from './input.ts';

/**
 * The inputs of an event of Azure Event Grid, or of an array of them, in its own schema or in that of CloudEvents;
 * undefined for any other document. The input of an event about a new blob is the blob's URL. An event about a deleted
 * blob has no inputs, and an event of another Azure service has a refused input. The input of an application's own
 * event is its data. (learn.microsoft.com/azure/event-grid: event-schema, cloud-event-schema,
 * event-schema-blob-storage.)
 *
 * @param unwrap takes the inputs out of the data of an application's own event, if that is an envelope
 * @throws CallerError 400 for a malformed event
 */
export function eventGridInputs(document: JsonText, unwrap: Unwrap): readonly EventInput[] | undefined {
  const elements = document.elements();
  if (elements === undefined) return oneEvent(document, unwrap);
  const documents = elements.filter((element) => element instanceof JsonText);
  if (documents.length === 0 || !documents.every(({ value }) => typeOf(value) !== undefined)) return undefined;
  return documents.flatMap((each) => oneEvent(each, unwrap) ?? []);
}

/**
 * The inputs of an event of an Azure service, by the event's type. Undefined for a type of another sender.
 *
 * @throws CallerError 400
 */
export function azureServiceInputs(type: string, data: unknown): readonly EventInput[] | undefined {
  if (!type.startsWith('Microsoft.')) return undefined;
  if (type === 'Microsoft.Storage.BlobCreated') {
    const { url } = checkEvent(z.object({ url: z.string() }), data, type);
    return [{ kind: 'url', url }];
  }
  if (type.startsWith('Microsoft.Storage.')) return [];
  const hint = "have the subscription send events whose data is the model's parameters, as a JSON object";
  return [refusedInput(`an event ${type} of Event Grid`, hint)];
}

function oneEvent(document: JsonText, unwrap: Unwrap): readonly EventInput[] | undefined {
  const type = typeOf(document.value);
  if (type === undefined) return undefined;
  const { data = null, data_base64: base64 } = document.members() ?? {};
  const ofService = azureServiceInputs(type, plainValue(data));
  if (ofService !== undefined) return ofService;
  if (typeof base64 === 'string') return bytesInputs(parseBase64(base64, 'data_base64'), unwrap);
  return messageInputs(typeof data === 'string' ? data : writeJson(data), unwrap);
}

/** The type of an event in either schema. Undefined for anything else. */
function typeOf(event: unknown): string | undefined {
  if (!isJsonObject(event) || typeof event['id'] !== 'string') return undefined;
  const isOwnSchema = typeof event['subject'] === 'string' && typeof event['eventTime'] === 'string';
  if (isOwnSchema && typeof event['eventType'] === 'string') return event['eventType'];
  const isCloudEvent = typeof event['specversion'] === 'string' && typeof event['source'] === 'string';
  return isCloudEvent && typeof event['type'] === 'string' ? event['type'] : undefined;
}
