/** Keys that requests to an object store are signed with. */
export interface StoreCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Finds credentials; undefined where there are none, which leaves what anybody may read. */
export type FindCredentials = () => Promise<StoreCredentials | undefined>;
