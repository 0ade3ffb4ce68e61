/** An object in an object store. */
export interface StoredObject {
  readonly bucket: string;
  /** Not percent-encoded. */
  readonly key: string;
  /** The event's version of the object, if the bucket keeps versions. */
  readonly versionId?: string | undefined;
  /** The bucket's region, if the event has it. It may differ from the function's. */
  readonly region?: string | undefined;
}

/**
 * The parameters of the call for an event about an object. A model that takes a file gets the object as its file; other
 * models get `bucket`, `key` and `versionId` as parameters.
 */
export function objectParameters({ bucket, key, versionId }: StoredObject): Record<string, unknown> {
  return { bucket, key, ...(versionId && { versionId }) };
}

/**
 * Whether an event of this name means a new object. Events about removed, tagged, moved or replicated objects do not.
 *
 * @param name the event's name in S3's form, with or without a service prefix:
 *   "ObjectCreated:Put", "s3:ObjectCreated:Put", "cos:ObjectRestore:Completed"
 */
export function isNewObject(name: string): boolean {
  return /^(\w+:)?(ObjectCreated:|ObjectRestore:Completed$)/.test(name);
}
