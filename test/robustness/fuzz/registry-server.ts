import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import * as fc from 'fast-check';
import { ModelwhiskError } from '../../../core/errors.ts';
import { readNamedImage } from '../../../image/registry/image.ts';
import { docker, oci } from '../../../image/registry/media-types.ts';
import { Registries } from '../../../image/registry/registries.ts';
import { Transport } from '../../../image/registry/transport.ts';
import { changed, json, mutated } from './arbitraries.ts';
import { campaign, type Campaign } from './campaign.ts';

const sha256 = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

const goodConfig = Buffer.from(
  JSON.stringify({
    os: 'linux',
    architecture: 'amd64',
    rootfs: { diff_ids: [sha256(Buffer.from('tar'))] },
    config: {},
  }),
);
const goodManifest = {
  schemaVersion: 2,
  mediaType: oci.manifest,
  config: { mediaType: oci.config, digest: sha256(goodConfig), size: goodConfig.length },
  layers: [{ mediaType: oci.layer, digest: sha256(Buffer.from('layer')), size: 5 }],
};
const manifestText = JSON.stringify(goodManifest);
const goodIndex = {
  schemaVersion: 2,
  mediaType: oci.index,
  manifests: [
    {
      mediaType: oci.manifest,
      digest: sha256(Buffer.from(manifestText)),
      size: manifestText.length,
      platform: { os: 'linux', architecture: 'amd64' },
    },
  ],
};

/** Bytes of an answer: correct for some request, almost correct, or wrong. */
const bodies = fc.oneof(
  fc
    .constantFrom(manifestText, JSON.stringify(goodIndex), '{"token":"t"}', '{"token":"a\\nb"}', '')
    .map((text) => Buffer.from(text)),
  changed(fc.constantFrom(goodManifest, goodIndex)).map((value) => Buffer.from(JSON.stringify(value))),
  mutated(fc.constant(manifestText)),
  fc.constant(goodConfig),
  fc
    .record({
      errors: fc.array(fc.record({ code: fc.constantFrom('UNKNOWN', 'DENIED', 'TOOMANYREQUESTS', ''), message: json })),
    })
    .map((value) => Buffer.from(JSON.stringify(value))),
  json.map((value) => Buffer.from(JSON.stringify(value))),
  fc.constant(Buffer.alloc(5 * 1024 * 1024, '[')),
);

const headers = fc.array(
  fc.oneof(
    fc.constantFrom(
      `Content-Type: ${oci.manifest}`, `Content-Type: ${docker.index}`, 'Content-Type: text/html', 'Content-Type: ',
      'WWW-Authenticate: Basic realm="x"', 'WWW-Authenticate: Bearer realm="/token",service="x"',
      'WWW-Authenticate: Bearer realm="http://HOST/token",service="x\\"y"', 'WWW-Authenticate: Bearer realm="ftp://x/"',
      'WWW-Authenticate: Bearer realm="http://10.0.0.1/token"', 'WWW-Authenticate: Negotiate',
      'Location: /v2/a/b/manifests/1', 'Location: http://HOST/v2/x', 'Location: http://169.254.169.254/', 'Location: file:///etc/passwd',
      'Location: //', 'Location: http://[::1', 'Docker-Content-Digest: sha256:0', `Docker-Content-Digest: ${sha256(Buffer.from('x'))}`,
      'Retry-After: 0', 'Retry-After: 86400', 'Retry-After: 99999999999999', 'Retry-After: Fri, 31 Dec 9999 23:59:59 GMT', 'Retry-After: x',
      'RateLimit-Limit: 100;w=21600', 'Transfer-Encoding: chunked', 'Content-Encoding: gzip', 'Connection: close', 'Content-Length: 7',
      'bad header',
    ), // prettier-ignore
    fc.string({ unit: 'binary', maxLength: 20 }).map((text) => `X: ${text}`),
  ),
  { maxLength: 4 },
);

const answers = fc
  .record({
    status: fc.oneof(
      fc.constantFrom(200, 200, 200, 401, 401, 403, 404, 429, 500, 503, 301, 307, 204, 416),
      fc.integer({ min: 100, max: 999 }),
    ),
    headers,
    body: bodies,
    kept: fc.oneof(
      { weight: 4, arbitrary: fc.constant(1) },
      { weight: 1, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
    ),
  })
  .map(({ status, headers: lines, body, kept }) => {
    const framed = lines.some((line) => /^(transfer-encoding|content-length):/i.test(line));
    const length = framed ? [] : [`Content-Length: ${body.length}`];
    const head = [`HTTP/1.1 ${status} Status`, ...lines, ...length, '', ''].join('\r\n');
    return { head, body: body.subarray(0, Math.ceil(kept * body.length)) };
  });

/** Answers to a sequence of requests. The registry closes the connection after each. */
export const registryServerCampaigns: readonly Campaign[] = [
  campaign(
    'whatever a registry answers, an image is read or refused with a reason, and soon',
    async () => {
      let script: Iterator<{ readonly head: string; readonly body: Buffer }> = [].values();
      const server = createServer((socket) => {
        socket.on('error', () => socket.destroy());
        socket.once('data', () => {
          const next = script.next();
          if (next.done === true) return void socket.end(good);
          socket.write(Buffer.from(next.value.head.replaceAll('HOST', host), 'latin1'));
          socket.end(next.value.body);
        });
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
      const good = `HTTP/1.1 200 OK\r\nContent-Length: ${manifestText.length}\r\nConnection: close\r\n\r\n${manifestText}`;
      return {
        inputs: fc.array(answers, { maxLength: 6 }),
        async check(all) {
          script = all.values();
          const registries = new Registries({
            environment: { REGISTRY_USERNAME: 'me', REGISTRY_PASSWORD: 'h0rse' },
            transport: new Transport({ stallTimeout: 300, answerPatience: 2 }),
            retryPolicy: { attempts: 2, firstDelay: 1, longestDelay: 2 },
            // Otherwise the first answer would go to a TLS handshake.
            insecureRegistries: [host],
          });
          try {
            const image = await readNamedImage(registries, `${host}/a/b:1`, {
              platform: 'linux/amd64',
              signal: AbortSignal.timeout(15_000),
            });
            assert.deepEqual(image.config.os, 'linux');
          } catch (error) {
            assert.ok(error instanceof ModelwhiskError, error as Error);
            assert.match(error.message, /\S/);
          } finally {
            registries.close();
          }
        },
        close: async () => server.close(),
      };
    },
    100,
  ),
];
