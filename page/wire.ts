/** The JSON between the gateway and the page. */

/** An action on the page. */
export interface PageAction {
  /** With its package, if it is in one: "package/name". */
  readonly name: string;
  /** Title of the model. */
  readonly title: string;
  /** Where its predict route is: a path on this host, or a URL. */
  readonly path: string;
  readonly input: PageInput;
  /** Query parameters of the predict route. */
  readonly parameters: readonly PageParameter[];
  /** Further routes with the same file as input and a picture as output. */
  readonly pictures: readonly { readonly path: string; readonly description: string }[];
}

export type PageInput =
  | {
      readonly kind: 'file';
      /** Name of the form's part. */
      readonly field: string;
      readonly filename: string;
      readonly contentType: string;
      readonly accepts: readonly string[];
    }
  | { readonly kind: 'json'; /** A body that works, or an empty object. */ readonly sample: string }
  | { readonly kind: 'query' }
  | { readonly kind: 'unknown' };

export interface PageParameter {
  readonly name: string;
  readonly type: 'string' | 'number' | 'integer' | 'boolean';
  readonly required: boolean;
  readonly value: string;
  readonly values: readonly string[];
}

/** An activation that has ended. Times are in milliseconds. */
export interface PageActivation {
  readonly id: string;
  readonly action: string;
  /** Epoch milliseconds of its end. */
  readonly end: number;
  /** From its arrival to its end. */
  readonly duration: number;
  /** Time of waiting for an instance. */
  readonly wait: number;
  /** Time of /init. Missing if the instance was warm. */
  readonly init?: number;
  /** Time in the model server. Missing if the adapter's log does not have it. */
  readonly model?: number;
  /** Time in the adapter, without the model server. */
  readonly adapter?: number;
  /** HTTP status of the reply. 502 without a reply. */
  readonly status: number;
  /** Number of the instance, counted from 1. */
  readonly instance: number;
}

/** How busy an action is. */
export interface PageLoad {
  readonly action: string;
  readonly instances: number;
  readonly running: number;
  readonly waiting: number;
}

/** Progress of the calls of the load button. */
export interface PageRun {
  readonly calls: number;
  readonly ended: number;
  readonly failed: number;
  /** Milliseconds since the first call. */
  readonly duration: number;
}

/** The events of `GET /_page/events`. `data` is JSON of these types. */
export interface PageEvents {
  readonly actions: readonly PageAction[];
  readonly activations: readonly PageActivation[];
  readonly load: readonly PageLoad[];
  readonly run: PageRun;
}
