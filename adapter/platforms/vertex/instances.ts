import type { ModelRow } from '../../../core/row.ts';
import { CallerError } from '../../errors.ts';
import type { FetchPolicy } from '../../fetch/policy.ts';
import { decodeDocument } from '../../http/charset.ts';
import type { ModelRequest, WholeRequest } from '../../http/message.ts';
import { divideFields, withParameters } from '../../inputs/fields.ts';
import { fileField } from '../../inputs/file-keys.ts';
import { invocationRequest } from '../../inputs/invocation.ts';
import { JsonText, elementsOf, membersOf, plainValue, writeJson } from '../../json/exact.ts';

/** A request of the predict API. For its values see JsonText. */
export interface Instances {
  readonly instances: readonly unknown[];
  readonly parameters: Readonly<Record<string, unknown>>;
}

/**
 * Reads `{"instances": […], "parameters": {…}}`. Undefined for any other body.
 *
 * @throws CallerError 400 if the parameters are not an object
 */
export function readInstances(body: Buffer): Instances | undefined {
  const members = readMembers(body);
  const instances = elementsOf(members?.['instances']);
  if (members === undefined || instances === undefined) return undefined;
  const given = members['parameters'] ?? null;
  const parameters = given === null ? {} : membersOf(given);
  if (parameters !== undefined) return { instances, parameters };
  const message = `"parameters" is ${writeJson(given).slice(0, 100)}; expected an object`;
  throw new CallerError(400, 'HTTP_REQUEST', message);
}

function readMembers(body: Buffer): Record<string, unknown> | undefined {
  try {
    return JsonText.parse(decodeDocument(body, 'utf-8') ?? '').members();
  } catch {
    return undefined;
  }
}

/**
 * The request on the predict route for one instance:
 *
 * - an object: its members, and the parameters that it does not have itself (see invocationRequest);
 * - for a model that takes a file, `{"b64": …}` is the file, and a text is its URL;
 * - for a model that takes JSON, any other value is the body, and the parameters go into the query.
 *
 * Rejects with CallerError if the instance does not suit the model.
 */
export async function instanceRequest(
  instance: unknown,
  parameters: Readonly<Record<string, unknown>>,
  row: ModelRow,
  call: Pick<ModelRequest, 'headers' | 'signal' | 'deadline'>,
  policy: FetchPolicy,
): Promise<WholeRequest> {
  const { input } = row.predict;
  const field = fileField(input);
  const members = asMembers(instance, field);
  if (members !== undefined) return invocationRequest({ ...parameters, ...members }, row, call, policy);
  if (input.kind !== 'json') {
    throw new CallerError(400, 'INPUT', `the instance is ${writeJson(instance).slice(0, 100)}; expected an object`);
  }
  const { query, others } = divideFields(parameters, row.predict);
  if (others.length > 0) {
    const names = others.map(([name]) => name).join(', ');
    throw new CallerError(400, 'INPUT', `an instance that is no object cannot be joined with the parameters ${names}`);
  }
  const request = await invocationRequest({}, row, call, policy);
  return { ...request, query: withParameters('', query), body: Buffer.from(writeJson(instance)) };
}

/** @param field under which the model takes its file; undefined if it takes none */
function asMembers(instance: unknown, field: string | undefined): Readonly<Record<string, unknown>> | undefined {
  const members = membersOf(instance);
  if (field === undefined) return members;
  const value = plainValue(instance);
  if (typeof value === 'string') return { [`${field}_url`]: value.trim() };
  if (members === undefined || !('b64' in members)) return members;
  const { b64, ...others } = members;
  return { ...others, [`${field}_base64`]: b64 };
}
