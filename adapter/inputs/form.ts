import type { ModelInput } from '../../core/row.ts';
import { parseMediaType } from '../platforms/openwhisk/media-type.ts';
import type { InputFile } from './file.ts';
import { fieldTexts } from './fields.ts';

export type FileInput = Extract<ModelInput, { kind: 'file' }>;

/** Builds the multipart/form-data body (RFC 7578) with the other fields first and the file last. */
export async function multipartForm(
  file: InputFile,
  input: FileInput,
  fields: readonly (readonly [name: string, value: unknown])[],
): Promise<{ readonly contentType: string; readonly body: Buffer }> {
  // Loaded on the first use, because most adapters never build a form.
  const { default: FormData } = await import('form-data');
  const form = new FormData();
  for (const [name, value] of fields) {
    for (const text of fieldTexts(value)) form.append(name, text);
  }
  form.append(input.field, Buffer.from(file.body.buffer, file.body.byteOffset, file.body.byteLength), {
    filename: file.filename ?? input.filename,
    contentType: isTelling(file.contentType) ? file.contentType : input.contentType,
  });
  return { contentType: `multipart/form-data; boundary=${form.getBoundary()}`, body: form.getBuffer() };
}

/** Whether a Content-Type says more than "bytes" and may stand in a header, where a line break would start another. */
function isTelling(contentType: string | undefined): contentType is string {
  if (contentType === undefined || !/^[\t\x20-\x7e]+$/.test(contentType)) return false;
  const media = parseMediaType(contentType);
  return media !== undefined && media.subtype !== 'octet-stream';
}
