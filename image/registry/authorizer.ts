import { parseChallenge, type Challenge } from './challenge.ts';
import type { Credentials } from './credentials.ts';
import { basicHeader, requestToken, type Token, type TokenFetch } from './token.ts';

export interface AuthorizerOptions {
  /** For messages. */
  readonly registry: string;
  /** Whether the registry itself is spoken to over plain HTTP; only then may its token server be, too. */
  readonly plainHttp: boolean;
  /** Makes one request to the registry's /v2/ and answers with its WWW-Authenticate, if any. */
  readonly ping: () => Promise<string | undefined>;
  readonly fetchToken: TokenFetch;
  readonly credentials: () => Promise<Credentials | undefined>;
}

/**
 * The Authorization header for a registry: one token for each set of scopes, fetched once however many requests
 * wait for it, and renewed after 80 % of its life (distribution specification, "Token Authentication").
 */
export class Authorizer {
  readonly #options: AuthorizerOptions;
  readonly #tokens = new Map<string, Promise<Token>>();
  #challenge: Promise<Challenge | undefined> | undefined;
  #credentials: Promise<Credentials | undefined> | undefined;

  constructor(options: AuthorizerOptions) {
    this.#options = options;
  }

  /** @param scopes "repository:NAME:pull,push" first, then "repository:NAME:pull" of other repositories, once each */
  async header(scopes: readonly string[]): Promise<string | undefined> {
    const challenge = await this.#knownChallenge();
    if (challenge === undefined) return undefined;
    this.#credentials ??= this.#options.credentials();
    const credentials = await this.#credentials;
    if (challenge.scheme === 'basic') return basicHeader(credentials);
    const key = scopes.join(' ');
    const current = this.#tokens.get(key);
    const token = await current;
    if (token !== undefined && token.renewAt > Date.now()) return `Bearer ${token.value}`;
    // Whoever comes first after the expiry asks; the others find its promise.
    if (this.#tokens.get(key) === current) {
      const { registry, plainHttp, fetchToken } = this.#options;
      const fresh = requestToken({ registry, plainHttp, challenge, scopes, credentials, fetchToken });
      this.#tokens.set(key, fresh);
      fresh.catch(() => this.#tokens.delete(key));
    }
    const renewed = await this.#tokens.get(key);
    return renewed === undefined ? undefined : `Bearer ${renewed.value}`;
  }

  /** Forgets the token that was refused, and learns the challenge where /v2/ did not tell it. */
  async refused(
    scopes: readonly string[],
    sent: string | undefined,
    wwwAuthenticate: string | undefined,
  ): Promise<void> {
    const key = scopes.join(' ');
    const token = await this.#tokens.get(key);
    if (token !== undefined && sent === `Bearer ${token.value}`) this.#tokens.delete(key);
    const challenge = parseChallenge(wwwAuthenticate);
    if (challenge !== undefined) this.#challenge = Promise.resolve(challenge);
  }

  #knownChallenge(): Promise<Challenge | undefined> {
    this.#challenge ??= this.#options.ping().then(parseChallenge, (error: unknown) => {
      this.#challenge = undefined;
      throw error;
    });
    return this.#challenge;
  }
}
