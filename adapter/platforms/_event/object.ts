/** An object in an object store. */
export interface StoredObject {
  readonly bucket: string;
  /** As it is, not percent-encoded. */
  readonly key: string;
  /** Where the bucket keeps versions: the one that the event is about. */
  readonly versionId?: string | undefined;
  /** The bucket's region, where the event tells it and it may be another than the function's. */
  readonly region?: string | undefined;
}

/**
 * The parameters of the call that an event about an object stands for: the object is the model's file, or, for a model
 * that takes none, `bucket`, `key` and `versionId` are parameters.
 */
export function objectParameters({ bucket, key, versionId }: StoredObject): Record<string, unknown> {
  return { bucket, key, ...(versionId && { versionId }) };
}

/**
 * Whether an event of this name says that an object is there now. Removed, tagged, moved or replicated objects have
 * nothing new for a model.
 *
 * @param name as S3 and those that speak like it name their events, with or without the service before it:
 *   "ObjectCreated:Put", "s3:ObjectCreated:Put", "cos:ObjectRestore:Completed"
 */
export function isNewObject(name: string): boolean {
  return /^(\w+:)?(ObjectCreated:|ObjectRestore:Completed$)/.test(name);
}
