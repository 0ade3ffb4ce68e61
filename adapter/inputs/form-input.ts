import type { FileInput, InputRoute, ModelInput, ModelRow, RawInput } from '../../core/row.ts';
import type { FetchPolicy } from '../fetch/policy.ts';
import { decodeDocument } from '../http/charset.ts';
import { headerValue, withoutHeaders } from '../http/headers.ts';
import { fileType } from './content-type.ts';
import { divideFields, type Field, withParameters } from './fields.ts';
import { readFile } from './file.ts';
import { fileField, fileKeys, namesFile, withObjectUrl } from './file-keys.ts';
import { multipartForm } from './form.ts';
import { JsonText } from '../json/exact.ts';
import { readAhead, wholeRequest } from '../http/body.ts';
import { fileListRoute, withListInput } from './list-input.ts';
import type { ModelRequest, WholeRequest } from '../http/message.ts';
import { parseMediaType } from '../../core/http/media-type.ts';

/**
 * Turns JSON that names a file into the multipart form or raw body that the model expects. So
 * `{"image_url": "https://…"}` works like `-F image=@file`, and `{"body_url": …}` like `--data-binary`.
 *
 * This applies to routes that take a file, if the body is a JSON object with one of the keys `<field>_base64`,
 * `<field>_url` and `<field>` (see readFile), or with `bucket` and `key`. A request without a body may have `bucket`
 * and `key` in its query. The object's other members become query parameters if the row declares them, else form
 * fields. For a list route that takes files see withListInput. Any other request is returned unchanged. Rejects with
 * CallerError if the file cannot be read.
 */
export async function withFormInput<Request extends ModelRequest>(
  request: Request,
  row: ModelRow,
  policy: FetchPolicy,
): Promise<Request | WholeRequest> {
  const list = fileListRoute(request, row);
  if (list !== undefined && isWhole(request)) return withListInput(request, list, policy);
  const route = inputRoute(request, row);
  if (route === undefined || !takesFile(route.input) || !isWhole(request)) return request;
  const fields = mayNameFile(request.body, fileField(route.input)) ? jsonObject(request) : undefined;
  if (fields === undefined || !namesFile(fields, fileField(route.input))) {
    return withObjectInQuery(request, route, route.input, policy);
  }
  return formRequest(request, fields, route, route.input, policy);
}

/**
 * Like withFormInput, for a request whose body may still be arriving. It first reads a JSON body that may name a file.
 *
 * @param limit bytes up to which the body is read; a longer body goes to the model server unchanged
 */
export async function withStreamedFormInput(
  request: ModelRequest,
  row: ModelRow,
  policy: FetchPolicy,
  limit: number,
): Promise<ModelRequest> {
  const list = fileListRoute(request, row);
  if (list !== undefined) return withListInput(await wholeRequest(request, limit), list, policy);
  const route = inputRoute(request, row);
  if (route === undefined || !takesFile(route.input)) return request;
  const body = isJson(request) ? await readAhead(request.body, limit, { signal: request.signal }) : request.body;
  return withFormInput({ ...request, body }, row, policy);
}

function isWhole<Request extends ModelRequest>(request: Request): request is Request & WholeRequest {
  return Buffer.isBuffer(request.body);
}

/** Turns a request without a body into a form, if its query names the file by `bucket` and `key`. */
async function withObjectInQuery(
  request: WholeRequest,
  route: Pick<InputRoute, 'parameters'>,
  input: FileInput | RawInput,
  policy: FetchPolicy,
): Promise<WholeRequest> {
  if (request.body.length > 0 || !/(^|&)bucket=/.test(request.query)) return request;
  const parameters = new URLSearchParams(request.query);
  const named = {
    bucket: parameters.get('bucket'),
    key: parameters.get('key'),
    versionId: parameters.get('versionId'),
  };
  if (!namesFile(named, fileField(input))) return request;
  for (const name of Object.keys(named)) parameters.delete(name);
  return formRequest({ ...request, query: parameters.toString() }, named, route, input, policy);
}

/**
 * The request with these fields, one of which names the file (see withFormInput). The body becomes a form; for a raw
 * input it becomes the file, and all other fields go into the query.
 */
export async function formRequest(
  request: WholeRequest,
  given: Readonly<Record<string, unknown>>,
  route: Pick<InputRoute, 'parameters'>,
  input: FileInput | RawInput,
  policy: FetchPolicy,
): Promise<WholeRequest> {
  const field = fileField(input);
  const { fields, versionId } = withObjectUrl(given, field);
  const file = await readFile(fields, field, policy, request.signal, versionId);
  const naming = fileKeys(field);
  const { query, others } = divideFields(fields, route);
  const isOther = ([name]: Field): boolean => !naming.includes(name);
  const { body, contentType } =
    input.kind === 'file'
      ? await multipartForm(file, input, others.filter(isOther))
      : { body: file.body, contentType: fileType(file.contentType, input) };
  const inQuery = input.kind === 'file' ? query : [...query, ...others];
  return {
    ...request,
    query: withParameters(request.query, inQuery.filter(isOther)),
    headers: [
      ...withoutHeaders(request.headers, ['content-type', 'content-length', 'content-encoding']),
      ['content-type', contentType],
    ],
    body,
  };
}

/** The row's route for a request, if the row describes its input. The predict route comes first. */
export function inputRoute(
  { method, path }: Pick<WholeRequest, 'method' | 'path'>,
  row: ModelRow,
): InputRoute | undefined {
  const further = row.routes.flatMap((route) => (route.input === undefined ? [] : [{ ...route, input: route.input }]));
  const routes: readonly InputRoute[] = [row.predict, ...further];
  return routes.find((route) => route.method === method && route.path === path);
}

function takesFile(input: ModelInput): input is FileInput | RawInput {
  return input.kind === 'file' || input.kind === 'raw';
}

function isJson({ headers }: ModelRequest): boolean {
  const media = parseMediaType(headerValue(headers, 'content-type') ?? '');
  return media !== undefined && (media.subtype === 'json' || media.subtype.endsWith('+json'));
}

/** Whether a body may be an object with a key for the file. Parsing other bodies could take seconds for nothing. */
function mayNameFile(body: Buffer, field: string): boolean {
  if (/^(?:\xef\xbb\xbf)?\s*[^\s{\xef]/.test(body.toString('latin1', 0, 100))) return false;
  // A key may be written with escapes.
  return [JSON.stringify(field).slice(0, -1), '"bucket"', String.raw`\u`].some((part) => body.includes(part));
}

function jsonObject(request: WholeRequest): Readonly<Record<string, unknown>> | undefined {
  if (!isJson(request)) return undefined;
  try {
    return JsonText.parse(decodeDocument(request.body, 'utf-8') ?? '').members();
  } catch {
    // The model server refuses invalid JSON.
    return undefined;
  }
}
