import { type JsonText, plainValue, writeJson } from '../../json/exact.ts';
import { isJsonObject } from '../../json/object.ts';
import { envelopeInputs as pushedInputs } from '../_event/envelope.ts';
import { messageInputs, refusedInput, type EventInput } from '../_event/input.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The inputs in a trigger's envelope: events of Event Grid and of services of other clouds, records of Kafka, documents
 * of Cosmos DB and rows of Azure SQL. Undefined for any other document. An envelope of a trigger without inputs for a
 * model has a refused input.
 *
 * (learn.microsoft.com/azure/azure-functions: functions-bindings-event-grid-trigger, -kafka-trigger,
 * -cosmosdb-v2-trigger, -azure-sql-trigger, -timer, -signalr-service-trigger, -web-pubsub-trigger,
 * -cache-trigger-redispubsub.)
 */
export function envelopeInputs(document: JsonText): readonly EventInput[] | undefined {
  return pushedInputs(document, envelopeInputs) ?? ownInputs(document);
}

function ownInputs(document: JsonText): readonly EventInput[] | undefined {
  const event = document.value;
  if (!isJsonObject(event)) return undefined;
  const members = document.members() ?? {};
  if (hasAll(event, ['Offset', 'Partition', 'Topic', 'Value'])) return messageOf(members['Value']);
  if (hasAll(event, ['_rid', '_etag'])) return [{ kind: 'parameters', parameters: withoutCosmosFields(members) }];
  if (hasAll(event, ['Operation', 'Item']) && isJsonObject(event['Item'])) return changedRow(members);
  const trigger = triggers.find(({ sends }) => sends(event));
  const hint = "let the function have a trigger whose message is the model's parameters, as a JSON object";
  return trigger && [refusedInput(trigger.what, hint)];
}

function messageOf(value: unknown): readonly EventInput[] {
  return messageInputs(typeof value === 'string' ? value : writeJson(value ?? null), envelopeInputs);
}

/** Drops the fields that Cosmos DB adds to each document (learn.microsoft.com/azure/cosmos-db/resource-model). */
function withoutCosmosFields(members: JsonObject): JsonObject {
  const added = new Set(['_rid', '_self', '_etag', '_attachments', '_ts', '_lsn']);
  return Object.fromEntries(Object.entries(members).filter(([name]) => !added.has(name)));
}

/** A deleted row is not an input (SqlChangeOperation: Insert 0, Update 1, Delete 2). */
function changedRow({ Operation, Item }: JsonObject): readonly EventInput[] {
  const isDeleted = [2, '2', 'Delete'].some((each) => each === plainValue(Operation));
  return isDeleted ? [] : messageOf(Item);
}

function hasAny(event: JsonObject, names: readonly string[]): boolean {
  return names.some((name) => Object.hasOwn(event, name));
}

function hasAll(event: JsonObject, names: readonly string[]): boolean {
  return names.every((name) => Object.hasOwn(event, name));
}

interface Trigger {
  /** For a message, for example "the event of a timer". */
  readonly what: string;
  readonly sends: (event: JsonObject) => boolean;
}

/**
 * Triggers whose events have no input for a model. The host writes members in Pascal case, other workers in camel case.
 */
const triggers: readonly Trigger[] = [
  {
    what: 'the event of a timer',
    sends: (event) =>
      hasAny(event, ['IsPastDue', 'isPastDue']) &&
      hasAny(event, ['Schedule', 'ScheduleStatus', 'schedule', 'scheduleStatus']),
  },
  { what: 'an event of SignalR', sends: (event) => hasAll(event, ['Hub', 'Category', 'Event', 'ConnectionId']) },
  {
    what: 'an event of Web PubSub',
    sends: (event) => isJsonObject(event['ConnectionContext'] ?? event['connectionContext']),
  },
  { what: 'an event of Redis', sends: (event) => hasAll(event, ['SubscriptionChannel', 'Channel', 'Message']) },
  {
    what: 'the event of a durable orchestration',
    sends: (event) => hasAll(event, ['history', 'instanceId']) || hasAll(event, ['History', 'InstanceId']),
  },
  { what: 'an alert of Azure Monitor', sends: ({ schemaId }) => schemaId === 'azureMonitorCommonAlertSchema' },
];
