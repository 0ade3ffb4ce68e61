import type { Environment } from '../../core/settings.ts';
import { credentialsFromEnvironment, storedCredentials, type CredentialStore } from './credentials.ts';
import { foldRegistry, type Reference } from './reference.ts';
import { Registry } from './registry.ts';
import { pullScopes, pushScopes, Repository } from './repository.ts';
import type { RetryPolicy } from './retry.ts';
import { Transport } from './transport.ts';

export interface RegistriesOptions {
  /** Where to find Docker's configuration, REGISTRY_USERNAME, REGISTRY_PASSWORD and proxies. */
  readonly environment: Environment;
  /** Hosts, "registry.local:5000", spoken to over plain HTTP; loopback ones always are. Default none. */
  readonly insecureRegistries?: readonly string[] | undefined;
  /** Default: one that goes through the environment's proxies. */
  readonly transport?: Transport | undefined;
  readonly retryPolicy?: RetryPolicy | undefined;
}

export interface OpenOptions {
  /** Whether the token must allow a push. */
  readonly push: boolean;
  /** A further repository of the target's registry that layers may be mounted from. */
  readonly alsoReading?: string | undefined;
  readonly signal: AbortSignal;
}

/** The registries of one run, each with its connections and tokens kept. */
export class Registries {
  readonly #options: RegistriesOptions;
  readonly #transport: Transport;
  readonly #stored: CredentialStore;
  readonly #known = new Map<string, Registry>();

  constructor(options: RegistriesOptions) {
    this.#options = options;
    this.#transport = options.transport ?? new Transport({ environment: options.environment });
    this.#stored = storedCredentials(options.environment);
  }

  /**
   * The repository an image is read from and the one it is pushed to. On the same registry both share one token, with
   * which layers can be mounted from one into the other.
   */
  open(
    from: Pick<Reference, 'registry' | 'repository'>,
    to: Pick<Reference, 'registry' | 'repository'>,
    { push, alsoReading, signal }: OpenOptions,
  ): { readonly source: Repository; readonly target: Repository } {
    const together = from.registry === to.registry;
    const read = [...(together ? [from.repository] : []), ...(alsoReading === undefined ? [] : [alsoReading])];
    const scopes = push ? pushScopes(to.repository, read) : pullScopes([to.repository, ...read]);
    const target = new Repository(this.forPush(to.registry), to.repository, scopes, signal);
    const source = together
      ? new Repository(target.registry, from.repository, scopes, signal)
      : new Repository(this.forPull(from.registry), from.repository, pullScopes([from.repository]), signal);
    return { source, target };
  }

  /** A registry to read from, with the credentials that Docker has stored for it, or none. */
  forPull(name: string): Registry {
    return this.#get(name, 'pull', async () => this.#stored(name));
  }

  /** A registry to push to, where REGISTRY_USERNAME and REGISTRY_PASSWORD go before what Docker has stored. */
  forPush(name: string): Registry {
    return this.#get(
      name,
      'push',
      async () => credentialsFromEnvironment(this.#options.environment) ?? this.#stored(name),
    );
  }

  /** Closes idle connections. */
  close(): void {
    this.#transport.close();
  }

  #get(name: string, purpose: 'pull' | 'push', credentials: () => ReturnType<CredentialStore>): Registry {
    const key = `${purpose} ${name}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const { insecureRegistries = [], retryPolicy } = this.#options;
    const insecure = insecureRegistries.map(foldRegistry).includes(name);
    const registry = new Registry(name, { transport: this.#transport, credentials, insecure, retryPolicy });
    this.#known.set(key, registry);
    return registry;
  }
}
