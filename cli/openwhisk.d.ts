// Apache's client has no types of its own.
declare module 'openwhisk' {
  interface ActionDocument {
    readonly namespace: string;
    readonly annotations: readonly { readonly key: string; readonly value: unknown }[];
  }

  interface Actions {
    get(options: { readonly name: string }): Promise<ActionDocument>;
    update(options: { readonly name: string; readonly action: object }): Promise<ActionDocument>;
    delete(options: { readonly name: string }): Promise<ActionDocument>;
  }

  export default function openwhisk(options: { readonly apihost: string; readonly api_key: string }): {
    readonly actions: Actions;
  };
}
