import * as z from 'zod';

import type { Challenge } from './challenge.ts';
import type { Credentials } from './credentials.ts';
import { RegistryError } from './errors.ts';
import { parseJson } from './json.ts';

/** Makes one request to a token server, with retries; 401 and 403 are thrown, 404 is answered. */
export type TokenFetch = (request: {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}) => Promise<{ readonly status: number; readonly body: Buffer }>;

export interface Token {
  readonly value: string;
  /** Milliseconds since 1970 after which a new one is fetched: 80 % of its life. */
  readonly renewAt: number;
}

interface TokenRequest {
  readonly registry: string;
  readonly plainHttp: boolean;
  readonly challenge: Challenge & { readonly scheme: 'bearer' };
  readonly scopes: readonly string[];
  readonly credentials: Credentials | undefined;
  readonly fetchToken: TokenFetch;
}

/**
 * Fetches a token for all `scopes` at once: by POST with an identity token (falling back to GET where the server knows
 * no POST), else by GET with Basic credentials or none. Throws RegistryError REGISTRY_DENIED when the token says that
 * it lacks the push asked for: servers grant less than asked without calling it an error.
 */
export async function requestToken(request: TokenRequest): Promise<Token> {
  const { registry, plainHttp, challenge, scopes, credentials, fetchToken } = request;
  if (challenge.realm.protocol !== 'https:' && !plainHttp) {
    throw new RegistryError(
      'REGISTRY_PROTOCOL',
      `${registry} names a token server without https: ${challenge.realm.host}`,
      {
        hint: 'credentials are not sent in the clear; tell whoever runs the registry',
      },
    );
  }
  if (credentials?.kind === 'identity-token') {
    const form = new URLSearchParams({ grant_type: 'refresh_token', client_id: 'modelwhisk' });
    form.set('service', challenge.service ?? '');
    form.set('scope', scopes.join(' '));
    form.set('refresh_token', credentials.token);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await fetchToken({
      method: 'POST',
      url: challenge.realm,
      headers,
      body: Buffer.from(form.toString()),
    });
    if (answer.status === 200) return readToken(answer.body, request);
  }
  const url = new URL(challenge.realm);
  if (challenge.service !== undefined) url.searchParams.set('service', challenge.service);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  const authorization = basicHeader(credentials);
  const answer = await fetchToken({
    method: 'GET',
    url,
    headers: authorization === undefined ? {} : { authorization },
  });
  return readToken(answer.body, request);
}

/** The Basic header; undefined without a password to put into it. */
export function basicHeader(credentials: Credentials | undefined): string | undefined {
  if (credentials?.kind !== 'password') return undefined;
  return `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;
}

const tokenAnswer = z.looseObject({
  token: z.string().optional(),
  access_token: z.string().optional(),
  expires_in: z.number().positive().optional(),
});
const tokenClaims = z.looseObject({
  access: z.array(z.looseObject({ type: z.string(), name: z.string(), actions: z.array(z.string()).nullable() })),
});

function readToken(body: Buffer, { registry, challenge, scopes, credentials }: TokenRequest): Token {
  const answer = tokenAnswer.safeParse(parseJson(body.toString('utf8')));
  const value = answer.data?.token ?? answer.data?.access_token ?? '';
  if (value === '') {
    throw new RegistryError('REGISTRY_PROTOCOL', `${challenge.realm.host} answered without a token for ${registry}`);
  }
  const denied = scopes.find((scope) => scope.endsWith(':pull,push') && lacksPush(value, scope));
  if (denied !== undefined) {
    const repository = denied.split(':')[1] ?? denied;
    throw new RegistryError('REGISTRY_DENIED', `${registry} gives no permission to push to ${repository}`, {
      hint:
        credentials === undefined
          ? `log in first: docker login ${registry}`
          : 'check the name; an access token needs Read & Write for it',
    });
  }
  // The specification's default is 60 s.
  return { value, renewAt: Date.now() + (answer.data?.expires_in ?? 60) * 800 };
}

/** Only ever used to explain early: an opaque token counts as good, and the registry decides. */
function lacksPush(token: string, scope: string): boolean {
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8');
  const claims = tokenClaims.safeParse(parseJson(payload));
  if (!claims.success) return false;
  const [type, name] = scope.split(':');
  return !claims.data.access.some(
    (grant) =>
      grant.type === type && grant.name === name && grant.actions?.some((action) => /^(?:push|\*)$/.test(action)),
  );
}
