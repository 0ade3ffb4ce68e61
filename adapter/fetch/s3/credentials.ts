/** Credentials that sign requests to an object store. */
export interface StoreCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Finds credentials. Undefined means anonymous requests. */
export type FindCredentials = () => Promise<StoreCredentials | undefined>;
