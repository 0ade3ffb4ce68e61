import { isDeepStrictEqual } from 'node:util';

import { parseChallenge, type Challenge } from './challenge.ts';
import type { Credentials } from './credentials.ts';
import { RegistryError } from './errors.ts';
import type { Host } from './host.ts';
import { notLoggedIn } from './login-errors.ts';
import type { Login } from './response-error.ts';
import { basicHeader, lacksPush, requestToken, type Token } from './token.ts';

/**
 * The Authorization header for one registry (distribution specification, "Token Authentication"). A token is fetched
 * once however many requests wait for it, and renewed after 80 % of its life. Announced repositories share one token, if
 * the registry allows that.
 */
export class Authorizer {
  readonly #host: Host;
  readonly #credentialsOf: (repository: string) => Promise<Credentials | undefined>;
  readonly #tokens = new Map<string, Promise<Token>>();
  #learnt: Challenge | undefined;
  #announced: readonly string[] = [];
  /** Scopes that the shared token did not cover. */
  readonly #apart = new Set<string>();

  /** @param credentialsOf the credentials for a repository; undefined: anonymous */
  constructor(host: Host, credentialsOf: (repository: string) => Promise<Credentials | undefined>) {
    this.#host = host;
    this.#credentialsOf = credentialsOf;
  }

  /** Announces scopes that will be needed, so that one token can be requested for all of them. */
  announce(scopes: readonly string[]): void {
    const all = [...new Set([...this.#announced, ...scopes])];
    // Push access includes read access, and Docker Hub fails on a repository that is named twice.
    const pushed = new Set(all.filter((scope) => scope.endsWith(pushActions)).map(repositoryOf));
    this.#announced = all.filter((scope) => scope.endsWith(pushActions) || !pushed.has(repositoryOf(scope)));
  }

  /** Whether both repositories are opened with the same credentials. */
  async sameCredentials(one: string, other: string): Promise<boolean> {
    return isDeepStrictEqual(await this.#credentialsOf(one), await this.#credentialsOf(other));
  }

  /**
   * @param scopes "repository:NAME:pull,push" first, then "repository:NAME:pull" of other repositories, once each; the
   * first decides whose credentials are used
   * @throws RegistryError REGISTRY_DENIED when the token says that it lacks the push asked for
   */
  async header(scopes: readonly string[]): Promise<string | undefined> {
    const challenge = this.#learnt ?? parseChallenge(await this.#host.challenge());
    if (challenge === undefined) return undefined;
    const credentials = await this.#credentialsOf(repositoryOf(scopes[0] ?? ''));
    if (challenge.scheme === 'basic') return basicHeader(credentials);
    const ask = async (of: readonly string[]): Promise<Token> => this.#token(challenge, of, credentials);
    const token = (await this.#sharedToken(scopes, credentials, ask)) ?? (await ask(scopes));
    const denied = lacksPush(token, scopes);
    if (denied !== undefined) throw pushDenied(this.#host.name, repositoryOf(denied), credentials);
    return `Bearer ${token.value}`;
  }

  /** The identity that `header` states. */
  async login(scopes: readonly string[]): Promise<Login> {
    const credentials = await this.#credentialsOf(repositoryOf(scopes[0] ?? ''));
    const challenge = this.#learnt ?? parseChallenge(await this.#host.challenge());
    return {
      as: challenge === undefined ? 'somebody' : loginOf(credentials, challenge),
      toPush: scopes.some((scope) => scope.endsWith(pushActions)),
    };
  }

  /**
   * Forgets the token that was refused, and remembers the challenge if /v2/ did not state one.
   *
   * @param sent the Authorization header that was sent
   * @param wwwAuthenticate from the registry's own host, never from where it redirected to
   */
  async refused(
    scopes: readonly string[],
    sent: string | undefined,
    wwwAuthenticate: string | undefined,
  ): Promise<void> {
    const token = await this.#tokens.get(keyOf(scopes))?.catch(() => undefined);
    if (token !== undefined && sent === `Bearer ${token.value}`) this.#tokens.delete(keyOf(scopes));
    // The refused token may be the shared one: some registries only look at the first scope.
    this.#apart.add(keyOf(scopes));
    this.#learnt = parseChallenge(wwwAuthenticate) ?? this.#learnt;
  }

  async #sharedToken(
    scopes: readonly string[],
    credentials: Credentials | undefined,
    ask: (scopes: readonly string[]) => Promise<Token>,
  ): Promise<Token | undefined> {
    const together = await this.#askedTogether(scopes, credentials);
    if (together === undefined) return undefined;
    try {
      const token = await ask(together);
      if (lacksPush(token, scopes) === undefined) return token;
    } catch (error) {
      // Some token servers give no token at all if one of the repositories is not accessible.
      if (!(error instanceof RegistryError) || !['REGISTRY_UNAUTHORIZED', 'REGISTRY_DENIED'].includes(error.code)) {
        throw error;
      }
      this.#announced = [];
    }
    this.#apart.add(keyOf(scopes));
    return undefined;
  }

  /** All announced scopes with the same credentials, if these scopes are among them. */
  async #askedTogether(
    scopes: readonly string[],
    credentials: Credentials | undefined,
  ): Promise<readonly string[] | undefined> {
    const { length } = this.#announced;
    if (length === 0 || length > mostScopes || this.#apart.has(keyOf(scopes))) return undefined;
    const alike = await Promise.all(
      this.#announced.map(async (scope) =>
        isDeepStrictEqual(await this.#credentialsOf(repositoryOf(scope)), credentials),
      ),
    );
    const together = this.#announced.filter((_, index) => alike[index]);
    const covered = scopes.every(
      (scope) => together.includes(scope) || together.includes(`repository:${repositoryOf(scope)}${pushActions}`),
    );
    return covered ? together : undefined;
  }

  async #token(
    challenge: Challenge & { readonly scheme: 'bearer' },
    scopes: readonly string[],
    credentials: Credentials | undefined,
  ): Promise<Token> {
    const key = keyOf(scopes);
    const current = this.#tokens.get(key);
    const token = await current;
    if (token !== undefined && token.renewAt > Date.now()) return token;
    // The first caller after the expiry requests a new one; the others find its promise.
    if (this.#tokens.get(key) === current) {
      const fresh = requestToken(this.#host, { challenge, scopes, credentials });
      this.#tokens.set(key, fresh);
      fresh.catch(() => this.#tokens.delete(key));
    }
    return this.#tokens.get(key) ?? this.#token(challenge, scopes, credentials);
  }
}

const pushActions = ':pull,push';

/** Keeps token and request line below 8 KB, the usual limit of web servers. */
const mostScopes = 100;

function keyOf(scopes: readonly string[]): string {
  return scopes.join(' ');
}

function repositoryOf(scope: string): string {
  return scope.replace(/^repository:/, '').replace(/:[^:]*$/, '');
}

function loginOf(credentials: Credentials | undefined, { scheme }: Challenge): Login['as'] {
  if (credentials === undefined) return 'nobody';
  return scheme === 'basic' ? 'user of a password' : 'somebody';
}

function pushDenied(registry: string, repository: string, credentials: Credentials | undefined): RegistryError {
  if (credentials === undefined) return notLoggedIn(registry);
  return new RegistryError('REGISTRY_DENIED', `${registry} gives no permission to push to ${repository}`, {
    hint: 'check the name; an access token needs Read & Write for it',
  });
}
