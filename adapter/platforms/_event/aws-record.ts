import { isJsonObject } from '../../json/object.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** The first of the records of an event. Undefined if it has none. */
export function firstRecord({ Records: records }: JsonObject): JsonObject | undefined {
  const first: unknown = Array.isArray(records) ? records[0] : undefined;
  return isJsonObject(first) ? first : undefined;
}

/** The source of the first record. */
export function recordSource(event: JsonObject): unknown {
  const record = firstRecord(event);
  return record?.['eventSource'] ?? record?.['EventSource'];
}
