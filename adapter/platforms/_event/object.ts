import type { ModelRow } from '../../../core/row.ts';
import { fileField } from '../../inputs/file.ts';

/** An object in an object store. */
export interface StoredObject {
  readonly bucket: string;
  /** As it is, not percent-encoded. */
  readonly key: string;
}

/**
 * The parameters of the call that an event about an object stands for: the object is the model's file, or, for a model
 * that takes none, `bucket` and `key` are parameters.
 */
export function objectParameters({ bucket, key }: StoredObject, { predict: { input } }: ModelRow) {
  const field = fileField(input);
  return field === undefined ? { bucket, key } : { [`${field}_url`]: `s3://${bucket}/${key}` };
}
