import type { FileInput, ModelInput, RawInput } from '../../core/row.ts';
import { CallerError } from '../errors.ts';
import { briefJson } from '../json/exact.ts';

/**
 * The field of the model's file. A raw body has no field name at the model server; callers call it `body`. Undefined if
 * the model does not take a file.
 */
export function fileField(input: FileInput | RawInput): string;
export function fileField(input: ModelInput): string | undefined;
export function fileField(input: ModelInput): string | undefined {
  switch (input.kind) {
    case 'file':
      return input.field;
    case 'raw':
      return 'body';
    case 'json':
    case 'query':
      return undefined;
  }
}

/** The keys by which a caller may give the file `field`. */
export function fileKeys(field: string): readonly string[] {
  return [`${field}_base64`, `${field}_url`, field];
}

/** Whether the object has a key for the file `field`, with any value, or names an object by `bucket` and `key`. */
export function namesFile(fields: Readonly<Record<string, unknown>>, field: string): boolean {
  return fileKeys(field).some((key) => Object.hasOwn(fields, key)) || namesObject(fields);
}

/**
 * Replaces `bucket` and `key` by `<field>_url` with the same `s3:` URL, and takes out the object's `versionId`.
 *
 * @throws CallerError 400 if the file is also named in another way
 */
export function withObjectUrl(
  fields: Readonly<Record<string, unknown>>,
  field: string,
): { readonly fields: Readonly<Record<string, unknown>>; readonly versionId?: string | undefined } {
  if (!namesObject(fields)) return { fields };
  const other = fileKeys(field).find((key) => isGiven(fields, key));
  if (other !== undefined) {
    throw new CallerError(400, 'INPUT', `the input file is named twice, by "${other}" and by "bucket" and "key"`, {
      hint: 'give one of them',
    });
  }
  const { bucket, key, versionId, ...others } = fields;
  if (isGiven(fields, 'versionId') && typeof versionId !== 'string') {
    throw new CallerError(400, 'INPUT', `"versionId" is ${briefJson(versionId)}; expected a string`);
  }
  return {
    fields: { ...others, [`${field}_url`]: `s3://${String(bucket)}/${String(key)}` },
    ...(typeof versionId === 'string' && versionId !== '' && { versionId }),
  };
}

function namesObject({ bucket, key }: Readonly<Record<string, unknown>>): boolean {
  return typeof bucket === 'string' && bucket !== '' && typeof key === 'string' && key !== '';
}

/** Whether a key has a value. "" and null count as none. */
export function isGiven(fields: Readonly<Record<string, unknown>>, key: string): boolean {
  return Object.hasOwn(fields, key) && fields[key] !== '' && fields[key] !== null && fields[key] !== undefined;
}
