import { qualifiedName, type Action } from './action.ts';
import { createPackage, mergedParameters, type Package } from './package.ts';

/** The actions and packages of the one namespace. They last as long as the gateway runs. */
export class EntityStore {
  /** By their qualified names. */
  readonly #actions: Map<string, Action>;
  readonly #packages: Map<string, Package>;

  /** Creates the packages of `actions`. */
  constructor(actions: readonly Action[]) {
    this.#actions = new Map(actions.map((action) => [qualifiedName(action), action]));
    const names = actions.map((action) => action.package).filter((name) => name !== undefined);
    this.#packages = new Map(names.map((name) => [name, createPackage(name)]));
  }

  /** In the order in which they were made. */
  actions(): readonly Action[] {
    return [...this.#actions.values()];
  }

  /** In the order in which they were made. */
  packages(): readonly Package[] {
    return [...this.#packages.values()];
  }

  /** @param name "action" or "package/action", without bindings */
  action(name: string): Action | undefined {
    return this.#actions.get(name);
  }

  package(name: string): Package | undefined {
    return this.#packages.get(name);
  }

  /** The package that holds the actions: for a binding, the bound package. */
  provider({ name, binding = name }: Package): Package | undefined {
    return this.#packages.get(binding);
  }

  actionsOf({ name }: Package): readonly Action[] {
    return this.actions().filter((action) => action.package === name);
  }

  /**
   * An action for an invocation, by its own name or through a binding. Its own parameters override those of the binding
   * and the package (WhiskAction.scala, `resolveActionAndMergeParameters`).
   */
  resolve(name: string): Action | undefined {
    const [first, second] = name.split('/', 2);
    if (second === undefined) return this.#actions.get(name);
    const named = this.#packages.get(first ?? '');
    const provider = named && this.provider(named);
    if (named === undefined || provider === undefined) return undefined;
    const action = this.#actions.get(`${provider.name}/${second}`);
    if (action === undefined) return undefined;
    const lists = named === provider ? [named.parameters] : [provider.parameters, named.parameters];
    return { ...action, parameters: mergedParameters(...lists, action.parameters) };
  }

  putAction(action: Action): void {
    this.#actions.set(qualifiedName(action), action);
  }

  deleteAction(action: Action): void {
    this.#actions.delete(qualifiedName(action));
  }

  putPackage(changed: Package): void {
    this.#packages.set(changed.name, changed);
  }

  deletePackage({ name }: Package): void {
    this.#packages.delete(name);
  }
}
