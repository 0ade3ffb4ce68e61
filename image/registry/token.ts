import * as z from 'zod';

import type { Challenge } from './challenge.ts';
import type { Credentials } from './credentials.ts';
import { RegistryError } from './errors.ts';
import type { Host, HostRequest } from './host.ts';
import { parseJson } from './json.ts';
import { credentialsRefused, notLoggedIn } from './login-errors.ts';
import { responseError } from './response-error.ts';
import { readBody } from './transport.ts';

export interface Token {
  readonly value: string;
  /** Milliseconds since 1970 after which a new one is fetched: 80 % of its life. */
  readonly renewAt: number;
  /** What it allows, if that can be read: tokens are opaque by specification, but most are readable. */
  readonly grants: readonly Grant[] | undefined;
}

type Grant = z.infer<typeof grant>;

interface TokenRequest {
  readonly challenge: Challenge & { readonly scheme: 'bearer' };
  readonly scopes: readonly string[];
  readonly credentials: Credentials | undefined;
}

/**
 * Fetches a token for all `scopes` at once: by POST with an identity token (falling back to GET where the server knows
 * no POST), else by GET with Basic credentials or none (distribution.github.io/distribution/spec/auth/token).
 * Servers grant less than asked without calling it an error; see lacksPush.
 */
export async function requestToken(host: Host, { challenge, scopes, credentials }: TokenRequest): Promise<Token> {
  const { realm, service } = challenge;
  const url = await host.follow(realm);
  if (url.protocol !== 'https:' && (await host.api()).protocol === 'https:') {
    throw new RegistryError('REGISTRY_PROTOCOL', `${host.name} names a token server without https: ${url.host}`, {
      hint: 'credentials are not sent in the clear; tell whoever runs the registry',
    });
  }
  if (credentials?.kind === 'identity-token') {
    const form = new URLSearchParams({ grant_type: 'refresh_token', client_id: 'modelwhisk' });
    form.set('service', service ?? '');
    form.set('scope', scopes.join(' '));
    form.set('refresh_token', credentials.token);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = Buffer.from(form.toString());
    const answer = await askForToken(host, { method: 'POST', url, headers, body });
    if (answer !== undefined) return answer;
  }
  const query = new URL(url);
  if (service !== undefined) query.searchParams.set('service', service);
  for (const scope of scopes) query.searchParams.append('scope', scope);
  const answer = await askForToken(host, { method: 'GET', url: query, authorization: basicHeader(credentials) });
  if (answer !== undefined) return answer;
  throw new RegistryError('REGISTRY_PROTOCOL', `the token server of ${host.name} is not at ${url.host}${url.pathname}`);
}

/** The Basic header; undefined without a password to put into it. */
export function basicHeader(credentials: Credentials | undefined): string | undefined {
  if (credentials?.kind !== 'password') return undefined;
  return `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;
}

/**
 * The first of these scopes with a push that the token does not allow. It only serves to report this early: an opaque
 * token is accepted, and the registry decides.
 */
export function lacksPush({ grants }: Token, scopes: readonly string[]): string | undefined {
  if (grants === undefined) return undefined;
  return scopes.find((scope) => {
    const [type, name, actions] = scope.split(':');
    const push = grants.some(
      (granted) =>
        granted.type === type &&
        granted.name === name &&
        granted.actions?.some((action) => /^(?:push|\*)$/.test(action)),
    );
    return actions === 'pull,push' && !push;
  });
}

/** Undefined for 404. */
async function askForToken(host: Host, request: Omit<HostRequest, 'signal'>): Promise<Token | undefined> {
  return host.shared(async (signal) => {
    const response = await host.send({ ...request, signal });
    const { status } = response;
    if (status === 401 || status === 403) {
      const asSomebody = request.authorization !== undefined || request.method === 'POST';
      throw asSomebody ? credentialsRefused(host.name, status) : notLoggedIn(host.name, status);
    }
    if (status !== 200 && status !== 404) {
      throw await responseError(response, host.name, `the token server of ${host.name}`);
    }
    const body = await readBody(response, 65_536);
    return status === 404 ? undefined : readToken(body, host, request.url);
  });
}

/** Token servers send empty strings, null or 0 for missing values, so no value is an error. */
const tokenAnswer = z.record(z.string(), z.unknown());
const grant = z.looseObject({ type: z.string(), name: z.string(), actions: z.array(z.string()).nullable() });
const tokenClaims = z.looseObject({ access: z.array(grant) });

function readToken(body: Buffer, host: Host, { host: server }: URL): Token {
  const answer = tokenAnswer.safeParse(parseJson(body.toString('utf8'))).data ?? {};
  const value = [answer['token'], answer['access_token']].find(isToken);
  if (value === undefined) {
    throw new RegistryError('REGISTRY_PROTOCOL', `${server} answered without a token for ${host.name}`);
  }
  // By the specification, 60 s is the default and the minimum.
  const stated = Number(answer['expires_in']);
  const lifetime = stated > 60 ? stated : 60;
  return { value, renewAt: Date.now() + lifetime * 800, grants: grantsOf(value) };
}

function isToken(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function grantsOf(token: string): readonly Grant[] | undefined {
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8');
  return tokenClaims.safeParse(parseJson(payload)).data?.access;
}
