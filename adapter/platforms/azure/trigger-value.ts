import { CallerError } from '../../errors.ts';
import { JsonText, plainValue } from '../../json/exact.ts';
import { isJsonObject } from '../../json/object.ts';
import { bytesInputs, messageInputs, type EventInput } from '../_event/input.ts';
import { envelopeInputs } from './envelope.ts';
import { binaryValue, unquoted } from './unquoted.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** An input for the model, or the blob of a blob trigger. */
export type AzureInput =
  EventInput | { readonly kind: 'blob'; readonly base64: string; readonly url: string | undefined };

/** The inputs in a trigger's value. A batch gets one answer for all inputs. */
export interface TriggerInputs {
  readonly inputs: readonly AzureInput[];
  readonly isBatch: boolean;
}

/**
 * The inputs in the value of a trigger other than HTTP. With the cardinality "many", the value is an array, and so is
 * each property of the messages in the metadata (functions-bindings-event-hubs-trigger,
 * functions-bindings-service-bus-trigger).
 *
 * @param binding the trigger's name, for messages
 * @throws CallerError for a blob that the host has damaged
 */
export function triggerInputs(binding: string, value: unknown, metadata: JsonObject): TriggerInputs {
  if (isBlob(metadata)) {
    const blob = { kind: 'blob', base64: readBlob(value, binding), url: text(metadata['Uri']) } as const;
    return { inputs: [blob], isBatch: false };
  }
  const bytes = binaryValue(value);
  if (bytes !== undefined) return { inputs: bytesInputs(bytes, envelopeInputs), isBatch: false };
  const content = unquoted(value);
  if (!(content instanceof JsonText)) return { inputs: [{ kind: 'text', text: String(content) }], isBatch: false };
  const elements = isOneMessage(metadata) ? undefined : content.elements();
  if (elements === undefined) return { inputs: messageInputs(content.text, envelopeInputs), isBatch: false };
  return { inputs: elements.flatMap(elementInputs), isBatch: true };
}

/** An element of a batch of binary messages is base64, like any text may be. It is decoded if that gives a message. */
function elementInputs(element: unknown): readonly EventInput[] {
  if (element instanceof JsonText) return messageInputs(element.text, envelopeInputs);
  const bytes = binaryValue(element);
  const decoded = bytes?.toString();
  const isMessage = decoded !== undefined && /^\s*(\{|https?:)/i.test(decoded);
  return messageInputs(isMessage ? decoded : String(element), envelopeInputs);
}

/** A queue's metadata has a DequeueCount, and every member of a message that is JSON. */
function isBlob(metadata: JsonObject): boolean {
  const properties = plainValue(unquoted(metadata['Properties']));
  return metadata['DequeueCount'] === undefined && isJsonObject(properties) && 'Uri' in metadata;
}

/**
 * Whether an array is the content of one message, by the metadata of a queue, Service Bus, an Event Hub or RabbitMQ.
 */
function isOneMessage(metadata: JsonObject): boolean {
  return ['DequeueCount', 'DeliveryCount', 'SequenceNumber', 'DeliveryTag'].some((name) => name in metadata);
}

/**
 * The bytes of a blob are base64. A blob that the host has decoded as text, which damages files, is in quotation marks.
 */
function readBlob(value: unknown, binding: string): string {
  if (typeof value === 'string' && !value.startsWith('"')) return value;
  throw new CallerError(415, 'INVOCATION', `the blob in binding "${binding}" was read as text, which damages files`, {
    hint: 'set "dataType": "binary" on the blobTrigger binding in function.json',
  });
}

function text(value: unknown): string | undefined {
  const plain = unquoted(value);
  return typeof plain === 'string' ? plain : undefined;
}
