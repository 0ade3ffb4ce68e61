import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/**
 * Stands for AWS's token service, with the requests and replies of AssumeRoleWithWebIdentity in its API reference, and
 * for Kubernetes, which gives a container its token.
 */
export interface TokenService {
  /** The variables of Kubernetes, and the address of the service. */
  readonly environment: Readonly<Record<string, string>>;
  /** Request lines with their bodies. */
  readonly asked: readonly string[];
  close(): void;
}

export async function startTokenService(status: number, reply: string): Promise<TokenService> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const answer = async (): Promise<void> => {
      asked.push(`${request.method} ${request.url} ${await text(request)}`);
      response.writeHead(status).end(reply);
    };
    answer().catch((error: unknown) => response.destroy(error as Error));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const file = join(await mkdtemp(join(tmpdir(), 'modelwhisk-')), 'token');
  await writeFile(file, 'eyJhbGciOi.J9\n');
  return {
    environment: {
      AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/models',
      AWS_WEB_IDENTITY_TOKEN_FILE: file,
      AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    },
    asked,
    close: () => server.close(),
  };
}

/** The reply with these credentials, valid for an hour. */
export function lending({ accessKeyId, secretAccessKey }: { accessKeyId: string; secretAccessKey: string }): string {
  return `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult>
    <Credentials>
      <SessionToken>token</SessionToken>
      <SecretAccessKey>${secretAccessKey}</SecretAccessKey>
      <Expiration>${new Date(Date.now() + 3_600_000).toISOString()}</Expiration>
      <AccessKeyId>${accessKeyId}</AccessKeyId>
    </Credentials>
  </AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>`;
}
