import * as z from 'zod';
import { JsonText, plainValue, writeJson } from '../../json/exact.ts';
import { isJsonObject } from '../../json/object.ts';
import { checkEvent } from './event.ts';
import { parseBase64 } from '../../inputs/base64.ts';
import { bytesInputs, messageInputs, refusedInput, type EventInput, type Unwrap } from './input.ts';

/**
 * The inputs of an event of Azure Event Grid, or of an array of them, in its own schema or in that of CloudEvents;
 * undefined for any other document. An event that tells of a new blob has the blob's URL for an input, one of a blob that
 * was deleted has none, and one of another of Azure's services a refused one. What an application's own event tells is
 * the input. (learn.microsoft.com/azure/event-grid: event-schema, cloud-event-schema, event-schema-blob-storage.)
 *
 * @param unwrap takes the inputs out of the data of an application's own event, where that is an envelope
 * @throws CallerError 400 for an event that is not as its service sends it
 */
export function eventGridInputs(document: JsonText, unwrap: Unwrap): readonly EventInput[] | undefined {
  const elements = document.elements();
  if (elements === undefined) return oneEvent(document, unwrap);
  const documents = elements.filter((element) => element instanceof JsonText);
  if (documents.length === 0 || !documents.every(({ value }) => typeOf(value) !== undefined)) return undefined;
  return documents.flatMap((each) => oneEvent(each, unwrap) ?? []);
}

/**
 * What an event of one of Azure's services tells a model, by the event's type; undefined for the type of another's.
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

/** The type of an event in either schema; undefined for what is none. */
function typeOf(event: unknown): string | undefined {
  if (!isJsonObject(event) || typeof event['id'] !== 'string') return undefined;
  const isOwnSchema = typeof event['subject'] === 'string' && typeof event['eventTime'] === 'string';
  if (isOwnSchema && typeof event['eventType'] === 'string') return event['eventType'];
  const isCloudEvent = typeof event['specversion'] === 'string' && typeof event['source'] === 'string';
  return isCloudEvent && typeof event['type'] === 'string' ? event['type'] : undefined;
}
