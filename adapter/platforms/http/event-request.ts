import { CallerError } from '../../errors.ts';
import { decodeDocument } from '../../http/charset.ts';
import { withoutHeaders } from '../../http/headers.ts';
import { formRequest } from '../../inputs/form-input.ts';
import { withParameters } from '../../inputs/fields.ts';
import type { FileInput, RawInput } from '../../../core/row.ts';
import { fileType } from '../../inputs/content-type.ts';
import { multipartForm } from '../../inputs/form.ts';
import { JsonText } from '../../json/exact.ts';
import type { WholeRequest } from '../../http/message.ts';
import type { PlatformContext } from '../platform.ts';
import { isJsonFamily } from '../../../core/openwhisk/media-types.ts';
import type { CloudEvent } from './cloud-event.ts';

/**
 * Turns an event into a request on the predict route. The attributes become `ce-*` headers, as in binary mode. The data
 * is the model's input:
 *
 * - for a file: a form stays unchanged; JSON names the file (see withFormInput); other data is the file itself;
 * - for a raw body: JSON names the file in the same way; other data is the body;
 * - for JSON: the data stays unchanged;
 * - for a query: the members of a JSON object become parameters.
 *
 * Rejects with CallerError if the data does not suit the model.
 */
export async function eventRequest(
  event: CloudEvent,
  received: WholeRequest,
  { row, fetchPolicy }: Pick<PlatformContext, 'row' | 'fetchPolicy'>,
): Promise<WholeRequest> {
  const { input, method, path } = row.predict;
  const kept = withoutHeaders(received.headers, ['content-type', 'content-length']);
  const request: WholeRequest = {
    ...received,
    method,
    path,
    headers: [...kept.filter(([name]) => !name.toLowerCase().startsWith('ce-')), ...event.attributes],
    body: event.data,
  };
  switch (input.kind) {
    case 'file':
      if (/^\s*multipart\//i.test(event.contentType ?? '')) return withType(request, event.contentType);
      return isJsonFamily(event.contentType)
        ? formRequest(request, jsonObject(event), row.predict, input, fetchPolicy)
        : fileRequest(request, event, input);
    case 'raw':
      return isJsonFamily(event.contentType)
        ? formRequest(request, jsonObject(event), row.predict, input, fetchPolicy)
        : rawRequest(request, event, input);
    case 'json':
      return withType(request, event.contentType ?? 'application/json');
    case 'query': {
      const query = withParameters(request.query, Object.entries(jsonObject(event)));
      return { ...request, query, body: Buffer.alloc(0) };
    }
  }
}

function rawRequest(request: WholeRequest, event: CloudEvent, input: RawInput): WholeRequest {
  expectData(event);
  return withType(request, fileType(event.contentType, input));
}

function expectData(event: CloudEvent): void {
  if (event.data.length === 0) throw new CallerError(400, 'INPUT', 'the event has no data; expected the input file');
}

async function fileRequest(request: WholeRequest, event: CloudEvent, input: FileInput): Promise<WholeRequest> {
  expectData(event);
  const type = event.contentType;
  const form = await multipartForm({ body: event.data, ...(type !== undefined && { contentType: type }) }, input, []);
  return withType({ ...request, body: form.body }, form.contentType);
}

function withType(request: WholeRequest, contentType: string | undefined): WholeRequest {
  if (contentType === undefined) return request;
  return { ...request, headers: [...request.headers, ['content-type', contentType]] };
}

function jsonObject(event: CloudEvent): Readonly<Record<string, unknown>> {
  let json: JsonText;
  try {
    json = JsonText.parse(decodeDocument(event.data, 'utf-8') ?? '');
  } catch (cause) {
    throw new CallerError(400, 'INPUT', "the event's data is not JSON, whatever its type says", { cause });
  }
  const members = json.members();
  if (members !== undefined) return members;
  throw new CallerError(400, 'INPUT', `the event's data is ${json.text.slice(0, 100)}; expected a JSON object`);
}
