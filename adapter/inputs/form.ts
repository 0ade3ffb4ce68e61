import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { CallerError } from '../errors.ts';
import type { FileInput } from '../../core/row.ts';
import { fileType } from './content-type.ts';
import { type Field, fieldTexts } from './fields.ts';
import type { InputFile } from '../fetch/resource.ts';

/**
 * Builds a multipart/form-data body (RFC 7578), with the file as its last part.
 * Rejects with CallerError 400 over 1000 fields.
 */
export async function multipartForm(
  file: InputFile,
  input: FileInput,
  fields: readonly Field[],
): Promise<{ readonly contentType: string; readonly body: Buffer }> {
  // Loaded on first use, because most adapters never build a form.
  const { default: FormData } = await import('form-data');
  const form = new FormData();
  for (const [name, text] of textFields(fields)) form.append(name, text);
  form.append(input.field, file.body, {
    filename: file.filename ?? input.filename,
    contentType: fileType(file.contentType, input),
  });
  // form.getBuffer() copies the whole body once per field.
  const body = await buffer(form.pipe(new PassThrough()));
  return { contentType: `multipart/form-data; boundary=${form.getBoundary()}`, body };
}

/** form-data's time is quadratic in the number of parts, and servers such as Werkzeug refuse more. */
const maximumFields = 1000;

function textFields(fields: readonly Field[]): readonly (readonly [name: string, text: string])[] {
  const texts = fields.flatMap(([name, value]) => fieldTexts(value).map((text) => [name, text] as const));
  if (texts.length <= maximumFields) return texts;
  throw new CallerError(
    400,
    'INPUT',
    `the input has ${texts.length} form fields beside the file; expected at most ${maximumFields}`,
  );
}
