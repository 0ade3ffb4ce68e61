import type { BatchRoute } from '../../core/batch-row.ts';
import { parseMediaType } from '../../core/http/media-type.ts';
import { joined } from '../../core/http/parts.ts';
import type { ModelRow } from '../../core/row.ts';
import { CallerError } from '../errors.ts';
import type { FetchPolicy } from '../fetch/policy.ts';
import { headerValue, withoutHeaders } from '../http/headers.ts';
import type { ModelRequest, WholeRequest } from '../http/message.ts';
import { base64Length, writeBase64 } from '../json/base64.ts';
import { JsonText, writeJson } from '../json/exact.ts';
import type { Field } from './fields.ts';
import { readFile } from './file.ts';
import { fileKeys, namesFile, withObjectUrl } from './file-keys.ts';

/** A list route that takes files. */
export type FileListRoute = BatchRoute & { readonly file: NonNullable<BatchRoute['file']> };

/** The row's list route, if it takes files and the request is for it. */
export function fileListRoute(
  { method, path }: Pick<ModelRequest, 'method' | 'path'>,
  { batch }: ModelRow,
): FileListRoute | undefined {
  if (batch?.file === undefined || batch.method !== method || batch.path !== path) return undefined;
  return { ...batch, file: batch.file };
}

/**
 * Turns a file into the JSON of the list route, with the base64 of the file as the only element. The file is a part of
 * a form, the body (an image, audio, video or application/octet-stream), or named by JSON (see readFile). Other parts
 * or members are kept beside the list. Any other request is returned unchanged.
 *
 * Rejects with CallerError if the file cannot be read.
 */
export async function withListInput(
  request: WholeRequest,
  route: FileListRoute,
  policy: FetchPolicy,
): Promise<WholeRequest> {
  const contentType = headerValue(request.headers, 'content-type') ?? '';
  const { type, subtype } = parseMediaType(contentType) ?? { type: '', subtype: '' };
  if (request.body.length === 0 || headerValue(request.headers, 'content-encoding') !== undefined) return request;
  if (type === 'multipart' && subtype === 'form-data') return formRequest(request, contentType, route);
  if (['image', 'audio', 'video'].includes(type) || (type === 'application' && subtype === 'octet-stream')) {
    return listRequest(request, route, [request.body], []);
  }
  if (subtype !== 'json' && !subtype.endsWith('+json')) return request;
  const fields = membersIn(request.body);
  if (fields === undefined || !namesFile(fields, route.file.field)) return request;
  return namedFileRequest(request, fields, route, policy);
}

/** The request with the file that these fields name, and the other fields beside the list. */
export async function namedFileRequest(
  request: WholeRequest,
  given: Readonly<Record<string, unknown>>,
  route: FileListRoute,
  policy: FetchPolicy,
): Promise<WholeRequest> {
  const { field } = route.file;
  const { fields, versionId } = withObjectUrl(given, field);
  const { body } = await readFile(fields, field, policy, request.signal, versionId);
  const others = Object.entries(fields).filter(([name]) => !fileKeys(field).includes(name));
  return listRequest(request, route, [body], others);
}

async function formRequest(request: WholeRequest, contentType: string, route: FileListRoute): Promise<WholeRequest> {
  const form = await readForm(request.body, contentType);
  const files: Buffer[] = [];
  const others: Field[] = [];
  for (const [name, value] of form) {
    if (typeof value === 'string') others.push([name, value]);
    else if (name === route.file.field) files.push(Buffer.from(await value.arrayBuffer()));
  }
  if (files.length > 0) return listRequest(request, route, files, others);
  throw new CallerError(400, 'INPUT', `the form has no file in a part named "${route.file.field}"`, {
    hint: `send it as that part, for example with curl -F ${route.file.field}=@FILE`,
  });
}

async function readForm(body: Buffer, contentType: string): Promise<FormData> {
  try {
    return await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData();
  } catch (cause) {
    throw new CallerError(400, 'INPUT', 'the body is not the form that its Content-Type says', { cause });
  }
}

function listRequest(
  request: WholeRequest,
  route: FileListRoute,
  files: readonly Buffer[],
  others: readonly Field[],
): WholeRequest {
  const [before, after] = nested(route.file.at);
  const [documentBefore, documentAfter] = nested(route.input, others);
  const elements = files.flatMap((file, index) => [
    Buffer.from(`${index === 0 ? '' : ','}${before}"`),
    base64Of(file),
    Buffer.from(`"${after}`),
  ]);
  return {
    ...request,
    headers: [
      ...withoutHeaders(request.headers, ['content-type', 'content-length', 'content-encoding']),
      ['content-type', 'application/json'],
    ],
    body: joined([Buffer.from(`${documentBefore}[`), ...elements, Buffer.from(`]${documentAfter}`)]),
  };
}

/** The text before and after a value at this JSON pointer, with these members beside its first name. */
function nested(pointer: string, others: readonly Field[] = []): readonly [before: string, after: string] {
  const names = pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  const beside = others.map(([name, value]) => `,${JSON.stringify(name)}:${writeJson(value)}`).join('');
  const before = names.map((name) => `{${JSON.stringify(name)}:`).join('');
  return [before, names.length === 0 ? '' : `${'}'.repeat(names.length - 1)}${beside}}`];
}

function base64Of(bytes: Buffer): Buffer {
  const text = Buffer.allocUnsafe(base64Length(bytes.length));
  writeBase64(bytes, text, 0);
  return text;
}

function membersIn(body: Buffer): Record<string, unknown> | undefined {
  try {
    return JsonText.parse(body.toString()).members();
  } catch {
    // The model server refuses invalid JSON.
    return undefined;
  }
}
