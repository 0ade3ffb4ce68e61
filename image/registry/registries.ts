import type { Environment } from '../../core/settings.ts';
import { Authorizer } from './authorizer.ts';
import { credentialsFromEnvironment, storedCredentials, type CredentialStore } from './credentials.ts';
import { Host } from './host.ts';
import { foldRegistry, type Reference } from '../../core/reference.ts';
import { Registry } from './registry.ts';
import { Repository } from './repository.ts';
import { pullScopes, pushScopes } from './scopes.ts';
import type { RetryPolicy } from './retry.ts';
import { Transport } from './transport.ts';

export interface RegistriesOptions {
  /** Where to find Docker's configuration, REGISTRY_USERNAME, REGISTRY_PASSWORD and proxies. */
  readonly environment: Environment;
  /** Hosts, "registry.local:5000", spoken to over plain HTTP. Default: loopback ones where they speak no TLS. */
  readonly insecureRegistries?: readonly string[] | undefined;
  /** Hosts that a registry may send us to though it is on the Internet and they are not. Default none. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Default: one that goes through the environment's proxies. */
  readonly transport?: Transport | undefined;
  readonly retryPolicy?: RetryPolicy | undefined;
  /** Aborted to end everything, a login for several requests among it. Default: never. */
  readonly signal?: AbortSignal | undefined;
}

type Place = Pick<Reference, 'registry' | 'repository'>;

export interface OpenOptions {
  /** Whether the token must allow a push. */
  readonly push: boolean;
  /** A further repository of the target's registry that layers may be mounted from. */
  readonly alsoReading?: string | undefined;
  readonly signal: AbortSignal;
}

/** The registries of one run. Each keeps its connections and tokens. */
export class Registries {
  readonly #options: RegistriesOptions;
  readonly #transport: Transport;
  readonly #stored: CredentialStore;
  readonly #hosts = new Map<string, Host>();
  readonly #registries = new Map<string, Registry>();
  readonly #pushedTo = new Set<string>();

  constructor(options: RegistriesOptions) {
    this.#options = options;
    this.#transport = options.transport ?? new Transport({ environment: options.environment });
    this.#stored = storedCredentials(options.environment);
  }

  /** Announces repositories that will be opened, so that one token for each registry covers all of them. */
  announce(pushed: readonly Place[], read: readonly Place[]): void {
    for (const { registry } of pushed) this.#pushedTo.add(registry);
    for (const name of new Set([...pushed, ...read].map(({ registry }) => registry))) {
      const on = (places: readonly Place[]): readonly string[] =>
        places.filter(({ registry }) => registry === name).map(({ repository }) => repository);
      const scopes = on(pushed).flatMap((repository) => pushScopes(repository, []));
      this.#registry(name).announce([...scopes, ...pullScopes(on(read))]);
    }
  }

  /**
   * The repository an image is read from and the one it is pushed to. On the same registry both share one token, with
   * which layers can be mounted from one into the other, unless different credentials are stored for them.
   */
  async open(
    from: Place,
    to: Place,
    { push, alsoReading, signal }: OpenOptions,
  ): Promise<{ readonly source: Repository; readonly target: Repository }> {
    if (push) this.#pushedTo.add(to.registry);
    const registry = this.#registry(to.registry);
    const near = from.registry === to.registry;
    const read = [...(near ? [from.repository] : []), ...(alsoReading === undefined ? [] : [alsoReading])];
    const scopes = push ? pushScopes(to.repository, read) : pullScopes([to.repository, ...read]);
    const target = new Repository(registry, to.repository, scopes, signal);
    const together = near && (await registry.sameCredentials(from.repository, to.repository));
    const source = together
      ? new Repository(registry, from.repository, scopes, signal)
      : this.openForPull(from, signal);
    return { source, target };
  }

  /** A repository to read from. */
  openForPull({ registry, repository }: Place, signal: AbortSignal): Repository {
    return new Repository(this.#registry(registry), repository, pullScopes([repository]), signal);
  }

  /** Closes idle connections. */
  close(): void {
    this.#transport.close();
  }

  /**
   * REGISTRY_USERNAME and REGISTRY_PASSWORD are for the registries that are pushed to. For all others, Docker's stored
   * credentials are used.
   */
  #registry(name: string): Registry {
    const given = this.#pushedTo.has(name) ? credentialsFromEnvironment(this.#options.environment) : undefined;
    const key = `${given === undefined ? 'stored' : 'given'} ${name}`;
    const known = this.#registries.get(key);
    if (known !== undefined) return known;
    const credentialsOf = async (repository: string): ReturnType<CredentialStore> =>
      given ?? this.#stored(name, repository);
    const host = this.#host(name);
    const registry = new Registry(host, new Authorizer(host, credentialsOf));
    this.#registries.set(key, registry);
    return registry;
  }

  #host(name: string): Host {
    const known = this.#hosts.get(name);
    if (known !== undefined) return known;
    const { insecureRegistries = [], allowedHosts, retryPolicy, signal } = this.#options;
    const insecure = insecureRegistries.map(foldRegistry).includes(name);
    const host = new Host(name, { transport: this.#transport, insecure, allowedHosts, retryPolicy, signal });
    this.#hosts.set(name, host);
    return host;
  }
}
