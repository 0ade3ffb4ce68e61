import type { FileInput, RawInput } from '../../../core/row.ts';
import { isJsonFamily } from '../../../core/openwhisk/media-types.ts';
import { CallerError } from '../../errors.ts';
import { wholeRequest } from '../../http/body.ts';
import { decodeDocument } from '../../http/charset.ts';
import { headerValue, withoutHeaders } from '../../http/headers.ts';
import type { ModelRequest, WholeRequest } from '../../http/message.ts';
import { fileType } from '../../inputs/content-type.ts';
import { withParameters } from '../../inputs/fields.ts';
import { multipartForm } from '../../inputs/form.ts';
import { formRequest } from '../../inputs/form-input.ts';
import { JsonText } from '../../json/exact.ts';
import type { PlatformContext, PlatformSettings } from '../platform.ts';

/** The model's kind of input, and the policy for fetched files. */
export type PredictContext = Pick<PlatformContext, 'row' | 'fetchPolicy'> & {
  readonly configuration: Pick<PlatformSettings, 'maximumBody'>;
};

/** Names of the input in messages, for example "the event's data" and "the event has no data". */
export interface InputWords {
  readonly data: string;
  readonly missing: string;
}

/**
 * Turns a bare input into a request on the predict route, for platforms that send an input without a route:
 *
 * - for a file: a form stays unchanged; JSON names the file (see withFormInput); another body is the file itself;
 * - for a raw body: JSON names the file in the same way; another body is the file;
 * - for JSON: the body stays unchanged;
 * - for a query: the members of a JSON object become parameters.
 *
 * An unchanged body streams. Rejects with CallerError if the input does not suit the model.
 */
export async function predictRequest(
  received: ModelRequest,
  { row: { predict }, fetchPolicy, configuration }: PredictContext,
  words: InputWords,
): Promise<ModelRequest> {
  const { input, method, path } = predict;
  const contentType = headerValue(received.headers, 'content-type');
  const request: ModelRequest = { ...received, method, path };
  const whole = (): Promise<WholeRequest> => wholeRequest(request, configuration.maximumBody);
  switch (input.kind) {
    case 'file':
      if (/^\s*multipart\//i.test(contentType ?? '')) return request;
      return isJsonFamily(contentType)
        ? namedFile(await whole(), input)
        : fileRequest(expectData(await whole(), words), contentType, input);
    case 'raw':
      if (isJsonFamily(contentType)) return namedFile(await whole(), input);
      return withType(expectData(request, words), fileType(contentType, input));
    case 'json':
      return contentType === undefined ? withType(request, 'application/json') : request;
    case 'query': {
      const members = jsonObject(await whole(), words);
      const query = withParameters(request.query, Object.entries(members));
      return { ...request, headers: withoutHeaders(request.headers, contentHeaders), query, body: Buffer.alloc(0) };
    }
  }

  async function namedFile(named: WholeRequest, takes: FileInput | RawInput): Promise<ModelRequest> {
    return formRequest(named, jsonObject(named, words), predict, takes, fetchPolicy);
  }
}

async function fileRequest(
  request: WholeRequest,
  contentType: string | undefined,
  input: FileInput,
): Promise<ModelRequest> {
  const file = { body: request.body, ...(contentType !== undefined && { contentType }) };
  const form = await multipartForm(file, input, []);
  return withType({ ...request, body: form.body }, form.contentType);
}

function expectData<Request extends ModelRequest>(request: Request, { missing }: InputWords): Request {
  if (request.body.length !== 0) return request;
  throw new CallerError(400, 'INPUT', `${missing}; expected the input file`);
}

const contentHeaders = ['content-type', 'content-length'];

function withType(request: ModelRequest, contentType: string): ModelRequest {
  const kept = withoutHeaders(request.headers, contentHeaders);
  return { ...request, headers: [...kept, ['content-type', contentType]] };
}

function jsonObject({ body }: WholeRequest, { data }: InputWords): Readonly<Record<string, unknown>> {
  let json: JsonText;
  try {
    json = JsonText.parse(decodeDocument(body, 'utf-8') ?? '');
  } catch (cause) {
    throw new CallerError(400, 'INPUT', `${data} is not JSON, whatever its type says`, { cause });
  }
  const members = json.members();
  if (members !== undefined) return members;
  throw new CallerError(400, 'INPUT', `${data} is ${json.text.slice(0, 100)}; expected a JSON object`);
}
