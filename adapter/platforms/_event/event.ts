import type * as z from 'zod';
import { CallerError } from '../../errors.ts';
import { JsonText } from '../../json/exact.ts';

/**
 * Parses the JSON of an event.
 *
 * @throws CallerError 400
 */
export function readDocument(body: Buffer): JsonText {
  try {
    return JsonText.parse(body.toString());
  } catch (cause) {
    throw new CallerError(400, 'EVENT', 'the event is not JSON', { cause });
  }
}

/**
 * Parses an event of a service by its schema.
 *
 * @param service for the message, for example "SQS"
 * @throws CallerError 400 if the event does not match
 */
export function checkEvent<Schema extends z.ZodType>(
  schema: Schema,
  event: unknown,
  service: string,
): z.output<Schema> {
  const result = schema.safeParse(event);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue?.path.map(String).join('.') ?? '';
  throw new CallerError(400, 'EVENT', `the ${service} event is malformed at ${where}: ${issue?.message}`);
}
