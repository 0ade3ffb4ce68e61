// The types of Apache's client lack some of the members used here.
declare module 'openwhisk' {
  interface ActionDocument {
    readonly name: string;
    readonly namespace: string;
    readonly annotations: readonly { readonly key: string; readonly value: unknown }[];
  }

  interface ActivationDocument {
    readonly activationId: string;
  }

  interface Invocation {
    readonly name: string;
    readonly blocking?: boolean;
    readonly result?: boolean;
    readonly params?: object;
  }

  /** `action` is the whole body of the request, or the action's code. */
  interface ActionOptions {
    readonly name: string;
    readonly action: object | string;
    readonly exec?: object;
    readonly limits?: object;
  }

  interface Packages {
    list(): Promise<readonly object[]>;
    update(options: { readonly name: string; readonly package: object }): Promise<object>;
    delete(options: { readonly name: string }): Promise<object>;
  }

  interface Actions {
    list(): Promise<readonly ActionDocument[]>;
    get(options: { readonly name: string }): Promise<ActionDocument>;
    create(options: ActionOptions): Promise<ActionDocument>;
    update(options: ActionOptions): Promise<ActionDocument>;
    delete(options: { readonly name: string }): Promise<ActionDocument>;
    /** Resolves to a record, or with `result` to the action's result. */
    invoke(options: Invocation): Promise<ActivationDocument>;
  }

  interface Activations {
    list(options: { readonly limit: number }): Promise<readonly ActivationDocument[]>;
    get(options: { readonly name: string }): Promise<ActivationDocument>;
    logs(options: { readonly name: string }): Promise<object>;
    result(options: { readonly name: string }): Promise<object>;
  }

  export default function openwhisk(options: { readonly apihost: string; readonly api_key: string }): {
    readonly actions: Actions;
    readonly activations: Activations;
    readonly namespaces: { list(): Promise<readonly string[]> };
    readonly packages: Packages;
  };
}
