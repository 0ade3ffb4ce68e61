/** What the gateway tells the page, and what the page asks of it. All of it is JSON. */

/** An action, as the page shows it. */
export interface PageAction {
  readonly name: string;
  /** Name of the model for people. */
  readonly title: string;
  /** Path of the web action on this host. */
  readonly path: string;
  readonly input: PageInput;
  /** Query parameters of the predict route. */
  readonly parameters: readonly PageParameter[];
  /** Further routes that take the same file and answer with a picture. */
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

/** An activation that has ended. Times are milliseconds. */
export interface PageActivation {
  readonly id: string;
  readonly action: string;
  /** Epoch milliseconds of its end. */
  readonly end: number;
  /** From its arrival to its end. */
  readonly duration: number;
  /** For a free instance. */
  readonly wait: number;
  /** For /init; only where it started an instance. */
  readonly init?: number;
  /** In the model server, where the adapter's log tells. */
  readonly model?: number;
  /** In the adapter besides that. */
  readonly adapter?: number;
  /** Of the reply; 500 and more where there was none. */
  readonly status: number;
  /** Which instance, counted from 1. */
  readonly instance: number;
}

/** How busy an action is. */
export interface PageLoad {
  readonly action: string;
  readonly instances: number;
  readonly running: number;
  readonly waiting: number;
}

/** How far the calls of the load button are. */
export interface PageRun {
  readonly calls: number;
  readonly ended: number;
  readonly failed: number;
  /** Milliseconds since the first. */
  readonly duration: number;
}

/** The events of `GET /_page/events`; `data` is JSON of the type named. */
export interface PageEvents {
  readonly activations: readonly PageActivation[];
  readonly load: readonly PageLoad[];
  readonly run: PageRun;
}
