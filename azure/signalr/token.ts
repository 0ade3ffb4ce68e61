import type { IncomingMessage } from 'node:http';
import { jwtVerify, SignJWT } from 'jose';
import { urlOf } from '../http.ts';
import type { SignalRAccount } from './connection-string.ts';

// Tokens of the SignalR service: JSON Web Tokens that are signed with the access key by HS256
// (https://github.com/Azure/azure-signalr/blob/dev/docs/rest-api.md, "Authenticate via Azure SignalR Service AccessKey").

/** A token that is valid for one hour. The audience is the URL for which it is valid. */
export async function signToken({ key }: Pick<SignalRAccount, 'key'>, audience: string): Promise<string> {
  return new SignJWT()
    .setProtectedHeader({ alg: 'HS256' })
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(key));
}

/** The audience of a token. Undefined if it has another signature, or is no longer valid. */
export async function audienceOf({ key }: Pick<SignalRAccount, 'key'>, token: string): Promise<URL | undefined> {
  try {
    const { payload } = await jwtVerify(token, new TextEncoder().encode(key), { algorithms: ['HS256'] });
    return typeof payload.aud === 'string' && URL.canParse(payload.aud) ? new URL(payload.aud) : undefined;
  } catch {
    return undefined;
  }
}

/** The token of a request. A browser cannot set headers of WebSockets and server-sent events: it uses the query. */
export function tokenOf(request: IncomingMessage): string {
  const [, token] = /^Bearer (.*)$/i.exec(request.headers.authorization ?? '') ?? [];
  return token ?? urlOf(request).searchParams.get('access_token') ?? '';
}
