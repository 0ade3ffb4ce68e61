import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import aws4 from 'aws4';

/** An S3-compatible server that checks signatures, in its own process. Needs Go. */
export interface S3Server {
  readonly endpoint: string;
  /** Puts an object into one of the buckets. */
  put(bucket: string, key: string, body: Uint8Array, contentType?: string): Promise<void>;
  close(): Promise<void>;
}

/** The only account that the server knows. */
export const account = { accessKeyId: 'S3TESTACCOUNT', secretAccessKey: 's3testsecret' };

export async function startS3Server(...buckets: readonly string[]): Promise<S3Server> {
  const binary = join(import.meta.dirname, '../../.cache/s3-server');
  execFileSync('go', ['build', '-o', binary, '.'], { cwd: join(import.meta.dirname, 's3-server') });
  const child = spawn(binary, buckets, {
    env: { ACCESS_KEY_ID: account.accessKeyId, SECRET_ACCESS_KEY: account.secretAccessKey },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const failed = exited.then(() => Promise.reject(new Error('the S3 server ended')));
  const [address] = (await Promise.race([once(child.stdout.setEncoding('utf8'), 'data'), failed])) as [string];
  failed.catch(() => undefined);
  const host = address.trim();
  return {
    endpoint: `http://${host}`,
    async put(bucket, key, body, contentType) {
      const path = `/${bucket}/${key.split('/').map(percentEncoded).join('/')}`;
      const type = contentType === undefined ? {} : { 'content-type': contentType };
      const request = { method: 'PUT', host, path, service: 's3', body: Buffer.from(body), headers: type };
      const headers = aws4.sign(request, account).headers as Record<string, string>;
      const response = await fetch(`http://${host}${path}`, { method: 'PUT', body, headers });
      if (!response.ok) throw new Error(`${path} was not stored: ${response.status} ${await response.text()}`);
    },
    async close() {
      child.kill();
      await exited;
    },
  };
}

function percentEncoded(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
}
