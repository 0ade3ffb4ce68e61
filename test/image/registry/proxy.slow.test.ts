import { mkdtemp, readFile, rm } from 'node:fs/promises';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { execa } from 'execa';
import { afterEach, describe, expect, test, vi } from 'vitest';

import { readNamedImage } from '../../../image/registry/image.ts';
import { readBody, Transport } from '../../../image/registry/transport.ts';
import { startRegistry } from '../../support/registry.ts';
import { lacks } from '../../support/requirements.ts';
import { requestFor, testEngine, testRegistries } from './support/adapter.ts';
import { pushBase } from './support/base-images.ts';
import { startForwardProxy, type ForwardProxy } from './support/forward-proxy.ts';

describe.skipIf(lacks('docker-registry', 'openssl'))('a proxy between us and the registry', () => {
  const closers: (() => unknown)[] = [];
  afterEach(async () => {
    vi.unstubAllEnvs();
    for (const close of closers.splice(0).toReversed()) await close();
  });

  test('all requests for an image go through the proxy', async () => {
    const registry = await startRegistry();
    closers.push(async () => registry.close());
    const proxy = await startForwardProxy(registry.host, 'me:s3cret');
    closers.push(proxy.close);
    const host = 'registry.example.test:5000';
    await pushBase(registry.host, 'base/x', 'v1');
    const environment = { HTTP_PROXY: proxy.url.replace('//', '//me:s3cret@') };
    const engine = await testEngine({ environment, insecureRegistries: [host] });

    const { digest, bytes } = await engine.build(requestFor(`${host}/base/x:v1`, `${host}/me/x:v1`));

    expect(bytes?.mounted).toBeGreaterThan(0);
    const pushed = await fetch(`http://${registry.host}/v2/me/x/manifests/${digest}`, { method: 'HEAD' });
    expect(pushed.status).toBe(200);
    expect(proxy.seen).toContainEqual(expect.stringMatching(/^PUT http:\/\/registry\.example\.test:5000\/v2\/me\/x/));
  });

  test('HTTPS goes through a tunnel of the proxy', async () => {
    const { proxy, transport } = await encrypted('me:s3cret');
    const [first, second] = [await get(transport), await get(transport)];
    expect([first, second]).toEqual(['200 hello', '200 hello']);
    // One tunnel for both, and the secret inside it.
    expect(proxy.seen).toEqual([`CONNECT registry.example.test:443 Basic ${btoa('me:s3cret')}`]);
  });

  test('a proxy that asks for credentials is reported', async () => {
    const { transport, environment } = await encrypted('me:s3cret', 'me:wrong');
    expect(await get(transport)).toMatch(/^407/);
    const reading = readNamedImage(
      testRegistries({ environment }),
      'registry.example.test/x:v1',
      requestFor('x', 'me/x'),
    );
    await expect(reading).rejects.toMatchObject({
      code: 'REGISTRY_DENIED',
      message: expect.stringContaining('proxy') as string,
    });
  });

  test('a proxy that cannot be reached is named', async () => {
    const transport = new Transport({ environment: { HTTPS_PROXY: 'http://me:s3cret@127.0.0.1:1' } });
    await expect(get(transport)).rejects.toThrow(
      'connection to registry.example.test through the proxy 127.0.0.1:1 failed (ECONNREFUSED)',
    );
  });

  /** A server with a self-signed certificate, behind a proxy. */
  async function encrypted(
    wanted: string,
    given = wanted,
  ): Promise<{ proxy: ForwardProxy; transport: Transport; environment: Record<string, string> }> {
    const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-tls-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const words = 'req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=registry.example.test'.split(' ');
    await execa('openssl', [...words, '-keyout', key, '-out', cert]);
    const server = https.createServer({ key: await readFile(key), cert: await readFile(cert) }, (_, response) =>
      response.end('hello'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(
      async () => rm(folder, { recursive: true }),
      () => server.close(),
    );
    const proxy = await startForwardProxy(`127.0.0.1:${(server.address() as AddressInfo).port}`, wanted);
    closers.push(proxy.close);
    const environment = { HTTPS_PROXY: proxy.url.replace('//', `//${given}@`) };
    // The certificate is self-signed.
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    const transport = new Transport({ environment });
    closers.push(() => transport.close());
    return { proxy, transport, environment };
  }

  async function get(transport: Transport): Promise<string> {
    const url = new URL('https://registry.example.test/v2/');
    const response = await transport.send({ method: 'GET', url, signal: AbortSignal.timeout(10_000) });
    return `${response.status} ${(await readBody(response, 1000)).toString()}`;
  }
});
