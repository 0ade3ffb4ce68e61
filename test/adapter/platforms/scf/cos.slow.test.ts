import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseFetchPolicy } from '../../../../adapter/fetch/policy.ts';
import { withCos } from '../../../../adapter/platforms/scf/object-store.ts';
import { lacks } from '../../../support/requirements.ts';
import { account, startS3Server, type S3Server } from '../../../support/s3-server.ts';
import { cosEvent } from './cos-event.ts';
import { startScfHost, type ScfHost } from './host.ts';

describe('withCos', () => {
  const headers = { 'x-scf-region': 'ap-guangzhou', 'x-scf-secret-id': 'id', 'x-scf-secret-key': 'key' };
  const nothing = { AWS_SHARED_CREDENTIALS_FILE: '/dev/null' };
  const store = (environment: Record<string, string>, region?: string) =>
    withCos(parseFetchPolicy({ ...nothing, ...environment }), headers, region).objectStore();

  test("leads to COS in the function's region, or the bucket's", () => {
    expect(store({})).toMatchObject({
      endpoint: new URL('https://cos.ap-guangzhou.myqcloud.com'),
      region: 'ap-guangzhou',
    });
    expect(store({}, 'ap-chengdu').endpoint?.host).toBe('cos.ap-chengdu.myqcloud.com');
    expect(store({}, 'evil.example/').endpoint).toBeUndefined();
  });

  test('an endpoint of the environment wins', () => {
    expect(store({ AWS_ENDPOINT_URL_S3: 'http://minio:9000', AWS_REGION: 'x' })).toMatchObject({ region: 'x' });
    expect(store({ AWS_ENDPOINT_URL_S3: 'http://minio:9000' }).endpoint?.host).toBe('minio:9000');
  });

  test("signs as the function's role, unless the environment has credentials", async () => {
    expect(await store({}).credentials()).toEqual({ accessKeyId: 'id', secretAccessKey: 'key' });
    const own = { AWS_ACCESS_KEY_ID: 'own', AWS_SECRET_ACCESS_KEY: 'own' };
    expect(await store(own).credentials()).toEqual({ accessKeyId: 'own', secretAccessKey: 'own' });
  });
});

describe.skipIf(lacks('go'))('a COS event', () => {
  // The real model server of examples/digits; an S3 server stands for COS, which speaks the same protocol.
  const digits = join(import.meta.dirname, '../../../../examples/digits');
  const row = {
    name: 'digits',
    title: 'Handwritten Digit Classifier',
    image: 'modelwhisk/digits',
    server: { kind: 'express', module: join(digits, 'src', 'app.ts') },
    predict: { input: { kind: 'file', field: 'image', filename: 'digit.png', contentType: 'image/png' } },
  };
  const bucket = 'testpic-1253970026';

  let s3: S3Server;
  let host: ScfHost;
  beforeAll(async () => {
    s3 = await startS3Server(bucket);
    await s3.put(bucket, 'numbers/7 ü.png', readFileSync(join(digits, 'samples', '7.png')), 'image/png');
    const environment = { AWS_ENDPOINT_URL_S3: s3.endpoint, AWS_SHARED_CREDENTIALS_FILE: '/dev/null' };
    host = await startScfHost(row, environment, {
      id: account.accessKeyId,
      key: account.secretAccessKey,
      token: 'token',
    });
  });
  afterAll(async () => {
    await host.close();
    await s3.close();
  });

  test('is a call of the model with the object, fetched as the role of the function', async () => {
    const { status, json } = await host.invoke(cosEvent({ key: '/1253970026/testpic/numbers/7 ü.png' }));
    const [first] = json as { bucket: string; key: string; result: { predictions: { label_id: string }[] } }[];
    expect([status, first?.bucket, first?.key]).toEqual([200, bucket, 'numbers/7 ü.png']);
    expect(first?.result.predictions[0]?.label_id).toBe('7');
  });

  test('fails if its object cannot be read, so that the trigger retries', async () => {
    const { status, json } = await host.invoke(cosEvent({ key: '/1253970026/testpic/missing.png' }));
    expect([status, json]).toEqual([
      502,
      {
        bucket,
        key: 'missing.png',
        error: expect.objectContaining({ message: expect.stringContaining('(NoSuchKey)') as string }) as object,
      },
    ]);
  });

  test('a direct event may name bucket and key', async () => {
    const { json } = await host.invoke({ bucket, key: 'numbers/7 ü.png' });
    expect((json as { predictions: { label_id: string }[] }).predictions[0]?.label_id).toBe('7');
  });
});
