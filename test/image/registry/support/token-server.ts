import { spawnSync } from 'node:child_process';
import { createSign, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TokenRequestSeen {
  readonly method: string;
  readonly scopes: readonly string[];
  readonly authorization: string | undefined;
}

export interface TokenServer {
  /** The registry's `auth` section that trusts this server. */
  readonly auth: object;
  readonly seen: TokenRequestSeen[];
  readonly close: () => Promise<void>;
}

export interface TokenServerOptions {
  /** What a user (undefined: anonymous) may do with a repository, for example ["pull", "push"]. */
  readonly grants: (user: string | undefined, repository: string) => readonly string[];
  /** Repositories for which the server refuses a token (403), like GHCR. */
  readonly refuses?: (repository: string) => boolean;
  /** Passwords by user. */
  readonly users?: Readonly<Record<string, string>>;
  /** Refresh tokens by user, exchanged by POST. Without refresh tokens, POST gets a 404. */
  readonly refreshTokens?: Readonly<Record<string, string>>;
}

/**
 * A token server by the distribution specification, whose tokens a real registry checks. Like real ones, it may grant
 * less than requested without an error.
 */
export async function startTokenServer({
  grants,
  users = {},
  refreshTokens = {},
  refuses = () => false,
}: TokenServerOptions): Promise<TokenServer> {
  const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-token-'));
  const files = { key: join(folder, 'key.pem'), certificate: join(folder, 'certificate.pem') };
  const words = 'req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test'.split(' ');
  const made = spawnSync('openssl', [...words, '-keyout', files.key, '-out', files.certificate]);
  if (made.status !== 0) throw new Error(made.stderr.toString());
  const key = await readFile(files.key, 'utf8');
  const chain = [(await readFile(files.certificate, 'utf8')).replaceAll(/-----[^-]+-----|\s/g, '')];
  const seen: TokenRequestSeen[] = [];
  const server = http.createServer((request, response) => {
    void readForm(request).then(({ method, parameters }) => {
      const { authorization } = request.headers;
      const scopes = parameters.getAll('scope').flatMap((scope) => scope.split(' '));
      seen.push({ method, scopes, authorization });
      if (method === 'POST' && Object.keys(refreshTokens).length === 0) return response.writeHead(404).end();
      const user = method === 'POST' ? userOf(refreshTokens, parameters) : loggedIn(users, authorization);
      if (user === null) return response.writeHead(401).end('{"errors":[{"code":"UNAUTHORIZED","message":"no"}]}');
      if (scopes.some((scope) => refuses(scope.split(':')[1] ?? ''))) return response.writeHead(403).end();
      const token = sign(key, chain, scopes, (repository) => grants(user, repository));
      return response.end(JSON.stringify(method === 'POST' ? { access_token: token } : { token, expires_in: 300 }));
    });
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const realm = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
  return {
    auth: { token: { realm, service: 'test', issuer: 'test', rootcertbundle: files.certificate } },
    seen,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true });
    },
  };
}

async function readForm(request: http.IncomingMessage): Promise<{ method: string; parameters: URLSearchParams }> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const query = new URL(request.url ?? '', 'http://x').searchParams;
  return { method: request.method ?? '', parameters: request.method === 'POST' ? new URLSearchParams(body) : query };
}

/** Null for wrong credentials, undefined without credentials. */
function loggedIn(
  users: Readonly<Record<string, string>>,
  authorization: string | undefined,
): string | null | undefined {
  if (authorization === undefined) return undefined;
  const decoded = Buffer.from(authorization.replace(/^Basic /, ''), 'base64').toString();
  return Object.keys(users).find((user) => decoded === `${user}:${users[user]}`) ?? null;
}

function userOf(tokens: Readonly<Record<string, string>>, parameters: URLSearchParams): string | null {
  return Object.keys(tokens).find((user) => tokens[user] === parameters.get('refresh_token')) ?? null;
}

function sign(
  key: string,
  chain: readonly string[],
  scopes: readonly string[],
  grants: (repository: string) => readonly string[],
): string {
  const access = scopes.map((scope) => {
    const [type = '', name = '', actions = ''] = scope.split(':');
    return { type, name, actions: actions.split(',').filter((action) => grants(name).includes(action)) };
  });
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: 'test',
    aud: 'test',
    sub: '',
    iat: now,
    nbf: now - 10,
    exp: now + 300,
    jti: randomUUID(),
    access,
  };
  const head = [{ alg: 'RS256', typ: 'JWT', x5c: chain }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${head}.${createSign('sha256').update(head).sign(key, 'base64url')}`;
}
