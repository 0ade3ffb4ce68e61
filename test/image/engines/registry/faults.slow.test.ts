import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { BuildResult } from '../../../../image/engines/engine.ts';
import { Transport } from '../../../../image/registry/transport.ts';
import { requestFor, testEngine } from '../../registry/support/adapter.ts';
import { pushBase } from '../../registry/support/base-images.ts';
import { startFaultProxy, type Fault, type FaultProxy, type SeenRequest } from '../../registry/support/fault-proxy.ts';
import { lacks } from '../../../support/requirements.ts';
import { skopeoInspect } from '../../registry/support/skopeo.ts';
import { startRegistry, type TestRegistry } from '../../../support/registry.ts';

interface Case {
  readonly title: string;
  /** Which requests get a fault. */
  readonly when: (request: SeenRequest) => boolean;
  readonly fault: Fault;
  /** The number of faults. Infinity for all such requests. */
  readonly times: number;
  /** The code of the build's error. Undefined if the build succeeds. */
  readonly code?: string;
}

const is =
  (method: string, pattern: RegExp) =>
  (request: SeenRequest): boolean =>
    request.method === method && pattern.test(request.url);
const anyUpload = is('PATCH', /uploads/);
const mount = is('POST', /mount=/);
const manifestGet = is('GET', /base\/faults\/manifests/);
const manifestPut = is('PUT', /manifests/);
const configGet = is('GET', /base\/faults\/blobs/);
const busy = (status: number, headers = {}): Fault => ({ kind: 'answer', status, headers });

const cases: readonly Case[] = [
  {
    title: 'an upload reset half-way is sent again',
    when: anyUpload,
    fault: { kind: 'reset-request', after: 1000 },
    times: 2,
  },
  {
    title: 'uploads that never get through',
    when: anyUpload,
    fault: { kind: 'reset-request', after: 1 },
    times: Infinity,
    code: 'REGISTRY_UNAVAILABLE',
  },
  { title: 'the answer to an upload lost', when: anyUpload, fault: { kind: 'lose-answer' }, times: 2 },
  { title: 'the answer to a commit lost', when: is('PUT', /uploads/), fault: { kind: 'lose-answer' }, times: 2 },
  { title: 'the answer to the manifest lost', when: manifestPut, fault: { kind: 'lose-answer' }, times: 1 },
  {
    title: 'an upload corrupted on its way',
    when: anyUpload,
    fault: { kind: 'corrupt-request' },
    times: Infinity,
    code: 'REGISTRY_PROTOCOL',
  },
  { title: '429 with Retry-After', when: mount, fault: busy(429, { 'retry-after': '0' }), times: 3 },
  {
    title: '429 with a wait of an hour',
    when: manifestGet,
    fault: busy(429, { 'retry-after': '3600' }),
    times: Infinity,
    code: 'REGISTRY_RATE_LIMIT',
  },
  {
    title: '503 with a wait of a day',
    when: manifestGet,
    fault: busy(503, { 'retry-after': '86400' }),
    times: Infinity,
    code: 'REGISTRY_UNAVAILABLE',
  },
  { title: '500 to everything for a while', when: () => true, fault: busy(500), times: 4 },
  { title: '503 to mounts', when: mount, fault: busy(503), times: 2 },
  {
    title: '500 to the manifest for ever',
    when: manifestPut,
    fault: busy(500),
    times: Infinity,
    code: 'REGISTRY_UNAVAILABLE',
  },
  { title: 'a mount answered 401', when: mount, fault: busy(401), times: Infinity },
  { title: 'a mount answered 403', when: mount, fault: busy(403), times: Infinity },
  { title: 'a mount answered 400', when: mount, fault: busy(400), times: Infinity },
  { title: 'a mount claimed but not made', when: mount, fault: busy(201), times: Infinity },
  {
    title: 'an upload session lost (404 BLOB_UPLOAD_UNKNOWN)',
    when: anyUpload,
    fault: { kind: 'answer', status: 404, body: '{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN"}]}' },
    times: 2,
  },
  { title: 'a manifest cut off', when: manifestGet, fault: { kind: 'reset-response', after: 20 }, times: 2 },
  {
    title: 'a manifest shortened',
    when: manifestGet,
    fault: { kind: 'truncate-response', after: 20 },
    times: Infinity,
    code: 'REGISTRY_DIGEST',
  },
  {
    title: 'a manifest corrupted',
    when: manifestGet,
    fault: { kind: 'corrupt-response' },
    times: Infinity,
    code: 'REGISTRY_DIGEST',
  },
  { title: 'a configuration cut off', when: configGet, fault: { kind: 'reset-response', after: 20 }, times: 2 },
  {
    title: 'a configuration corrupted',
    when: configGet,
    fault: { kind: 'corrupt-response' },
    times: Infinity,
    code: 'REGISTRY_DIGEST',
  },
  {
    title: 'a configuration sent a byte at a time',
    when: configGet,
    fault: { kind: 'drip-response', interval: 40 },
    times: 2,
  },
  {
    title: 'a configuration sent a byte at a time for ever',
    when: configGet,
    fault: { kind: 'drip-response', interval: 40 },
    times: Infinity,
    code: 'REGISTRY_UNAVAILABLE',
  },
  { title: 'no answer to the manifest', when: manifestPut, fault: { kind: 'hang' }, times: 2 },
  { title: 'a push that is forbidden', when: manifestPut, fault: busy(403), times: Infinity, code: 'REGISTRY_DENIED' },
  {
    title: 'a wrong digest stated for the manifest',
    when: manifestGet,
    fault: busy(200, { 'docker-content-digest': `sha256:${'0'.repeat(64)}` }),
    times: Infinity,
    code: 'REGISTRY_DIGEST',
  },
  {
    title: 'an upload redirected from nowhere',
    when: is('POST', /uploads\/$/),
    fault: busy(202),
    times: Infinity,
    code: 'REGISTRY_PROTOCOL',
  },
];

describe.skipIf(lacks('docker-registry', 'skopeo'))('a fault between us and the registry', () => {
  let registry: TestRegistry;
  let proxy: FaultProxy;
  let current: Case | undefined;
  let hits = 0;
  let repositories = 0;
  const transport = new Transport({ stallTimeout: 250, stallBytes: 100, answerPatience: 2 });

  beforeAll(async () => {
    registry = await startRegistry();
    proxy = await startFaultProxy(registry.host, (request) =>
      current?.when(request) === true && hits++ < current.times ? current.fault : undefined,
    );
    await pushBase(registry.host, 'base/faults', 'v1');
  });
  afterAll(async () => {
    await proxy.close();
    await registry.close();
  });

  test.each(cases.filter(({ code }) => code === undefined))('$title: the image arrives whole', async (fault) => {
    const { before, target, build } = await prepare();

    const { digest } = await build(fault);

    expect(digest).not.toBe(before);
    expect(digest).toBe(await digestWithoutFault());
    expect(await skopeoInspect(target)).toMatchObject({ Digest: digest });
    expect(hits).toBeGreaterThanOrEqual(Number.isFinite(fault.times) ? fault.times : 1);
  });

  test.each(cases.filter(({ code }) => code !== undefined))(
    '$title: $code, and the tag is as before',
    async (fault) => {
      const { before, target, build } = await prepare();

      await expect(build(fault)).rejects.toMatchObject({ name: 'RegistryError', code: fault.code });

      expect(hits).toBeGreaterThan(0);
      expect(await skopeoInspect(target)).toMatchObject({ Digest: before });
    },
  );

  /** A target that already exists, and the build that replaces it. */
  async function prepare(): Promise<Prepared> {
    const repository = `me/case-${++repositories}`;
    const { digest: before } = await pushBase(registry.host, repository, 'v1', { layers: ['what people pull now'] });
    const engine = await testEngine({ transport });
    const request = requestFor(`${proxy.host}/base/faults:v1`, `${proxy.host}/${repository}:v1`);
    return {
      before,
      target: `${registry.host}/${repository}:v1`,
      async build(fault) {
        [current, hits] = [fault, 0];
        return engine.build(request).finally(() => (current = undefined));
      },
    };
  }

  async function digestWithoutFault(): Promise<string | undefined> {
    const request = requestFor(`${proxy.host}/base/faults:v1`, `${proxy.host}/me/clean:v1`);
    return (await (await testEngine()).build(request)).digest;
  }
});

interface Prepared {
  readonly before: string;
  readonly target: string;
  readonly build: (fault: Case) => Promise<BuildResult>;
}
