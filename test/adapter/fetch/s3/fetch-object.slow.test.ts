import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { modelRow } from '../../../../core/row.ts';
import { parseFetchPolicy } from '../../../../adapter/fetch/policy.ts';
import { fetchObject } from '../../../../adapter/fetch/s3/fetch-object.ts';
import { withFormInput } from '../../../../adapter/inputs/form-input.ts';
import { invocationRequest } from '../../../../adapter/inputs/invocation.ts';
import type { InputFile } from '../../../../adapter/fetch/resource.ts';
import { png } from '../../../contract/bodies.ts';
import { lacks } from '../../../support/requirements.ts';
import { requestOf } from '../../../contract/suite.ts';
import { lending, startTokenService } from '../token-service.ts';
import { account, startS3Server, type S3Server } from '../../../support/s3-server.ts';

const keys = { AWS_ACCESS_KEY_ID: account.accessKeyId, AWS_SECRET_ACCESS_KEY: account.secretAccessKey };
const oddKey = "a folder/ü+&=?#%20 (1)!*'~.png";

const lacksGo = lacks('go');
let s3: S3Server | undefined;
/** Settings for the test's server. Settings of this machine are not read. */
let environment: Record<string, string>;
beforeAll(async () => {
  if (lacksGo) return;
  s3 = await startS3Server('pictures', 'other');
  environment = { AWS_ENDPOINT_URL_S3: s3.endpoint, AWS_SHARED_CREDENTIALS_FILE: '/dev/null' };
  await s3.put('pictures', 'a.png', png, 'image/png');
  await s3.put('pictures', oddKey, png);
});
afterAll(() => s3?.close());

function fetchS3(url: string, settings: Record<string, string>, signal = new AbortController().signal) {
  return fetchObject(url, parseFetchPolicy({ ...environment, ...settings }), signal);
}

describe.skipIf(lacksGo)('fetchObject', () => {
  test('fetches an object with its type and name', async () => {
    expect(await fetchS3('s3://pictures/a.png', keys)).toEqual({
      body: png,
      contentType: 'image/png',
      filename: 'a.png',
    });
  });

  test('takes everything after the bucket as the key, unchanged', async () => {
    const file: InputFile = await fetchS3(`s3://pictures/${oddKey}`, keys);
    expect([Buffer.compare(file.body, png), file.filename]).toEqual([0, "ü+&=?#%20 (1)!*'~.png"]);
  });

  test.each([
    ['s3://pictures', 400, 'names no object; expected s3://bucket/key'],
    ['s3://pictures/', 400, 'names no object'],
    ['s3:///a.png', 400, 'which is not a valid name'],
    ['s3://pict ures/a.png', 400, 'which is not a valid name'],
    ['s3://user@host:80/a.png', 400, 'which is not a valid name'],
    ['s3://pictures/../other/a.png', 400, '"." or ".." as a segment of its key'],
    ['s3://pictures/x/..', 400, '"." or ".." as a segment of its key'],
    ['s3://pictures/missing.png', 502, 's3://pictures/missing.png was answered with 404 Not Found (NoSuchKey)'],
    ['s3://nowhere/a.png', 502, '404 Not Found (NoSuchBucket)'],
  ])('%s is refused with %i', async (url, status, message) => {
    await expect(fetchS3(url, keys)).rejects.toMatchObject({
      name: 'CallerError',
      status,
      message: expect.stringContaining(message) as string,
    });
  });

  test('an object over the limit is a 413', async () => {
    await expect(fetchS3('s3://pictures/a.png', { ...keys, MODELWHISK_FETCH_MAX_BYTES: '10' })).rejects.toMatchObject({
      status: 413,
      hint: 'set MODELWHISK_FETCH_MAX_BYTES to allow more',
    });
  });

  test('the end of a call ends its fetch', async () => {
    await expect(fetchS3('s3://pictures/a.png', keys, AbortSignal.abort())).rejects.toMatchObject({ status: 504 });
  });

  test('a bucket that is not among those allowed is a 403', async () => {
    const allowed = { ...keys, MODELWHISK_S3_BUCKETS: 'other, pictures' };
    expect((await fetchS3('s3://pictures/a.png', allowed)).filename).toBe('a.png');
    await expect(fetchS3('s3://secrets/a.png', allowed)).rejects.toMatchObject({
      status: 403,
      hint: 'add secrets to MODELWHISK_S3_BUCKETS to allow it',
    });
  });

  test('wrong credentials are a 502 that does not show them', async () => {
    const wrong = { ...keys, AWS_SECRET_ACCESS_KEY: 'wrongsecret' };
    const failure: unknown = await fetchS3('s3://pictures/a.png', wrong).catch((error: unknown) => error);
    expect(failure).toMatchObject({ status: 502, hint: 'the credentials that were found may not read it' });
    expect(String(failure)).not.toContain('wrongsecret');
  });

  test('a store that does not answer is a 502 with the reason', async () => {
    await expect(fetchS3('s3://pictures/a.png', { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9' })).rejects.toMatchObject({
      message: 's3://pictures/a.png could not be fetched: ECONNREFUSED',
    });
  });

  test("the store's word that the bucket is in another region becomes the hint", async () => {
    const elsewhere = createServer((_request, response) => {
      response.writeHead(301, { 'x-amz-bucket-region': 'eu-west-3', location: 'http://example.com/' }).end();
    }).listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
    const endpoint = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
    await expect(fetchS3('s3://pictures/a.png', { ...keys, AWS_ENDPOINT_URL_S3: endpoint })).rejects.toMatchObject({
      message: 's3://pictures/a.png was answered with 301 Moved Permanently',
      hint: 'the bucket is in another region: set AWS_REGION=eu-west-3',
    });
    elsewhere.close();
  });

  test('an invalid endpoint is refused at the start', () => {
    expect(() => parseFetchPolicy({ AWS_ENDPOINT_URL: 's3.example.com' })).toThrow(
      'AWS_ENDPOINT_URL is "s3.example.com"; expected an http or https URL, for example https://s3.example.com',
    );
  });
});

describe.skipIf(lacksGo)('credentials come', () => {
  test('from the profile of a shared file', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'modelwhisk-')), 'credentials');
    const section = `aws_access_key_id = ${account.accessKeyId}\naws_secret_access_key = ${account.secretAccessKey}\n`;
    await writeFile(file, `[default]\naws_access_key_id = x\naws_secret_access_key = y\n\n[models]\n${section}`);
    const settings = { AWS_SHARED_CREDENTIALS_FILE: file, AWS_PROFILE: 'models' };
    expect((await fetchS3('s3://pictures/a.png', settings)).filename).toBe('a.png');
  });

  test("from the container's endpoint, asked once until they expire", async () => {
    const asked: (string | undefined)[] = [];
    const container: Server = createServer((request, response) => {
      asked.push(request.headers.authorization);
      const Expiration = new Date(Date.now() + 3_600_000).toISOString();
      const { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey } = account;
      response.end(JSON.stringify({ AccessKeyId, SecretAccessKey, Token: 'token', Expiration }));
    }).listen(0, '127.0.0.1');
    await once(container, 'listening');
    const policy = parseFetchPolicy({
      ...environment,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${(container.address() as AddressInfo).port}/role`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: 'Basic abc',
    });
    const { signal } = new AbortController();
    expect((await fetchObject('s3://pictures/a.png', policy, signal)).filename).toBe('a.png');
    await fetchObject('s3://pictures/a.png', policy, signal);
    container.close();
    expect(asked).toEqual(['Basic abc']);
  });

  test('from the token service, for the token of a Kubernetes service account, asked once until they expire', async () => {
    const tokens = await startTokenService(200, lending(account));
    const policy = parseFetchPolicy({ ...environment, ...tokens.environment });
    const { signal } = new AbortController();
    expect((await fetchObject('s3://pictures/a.png', policy, signal)).filename).toBe('a.png');
    await fetchObject('s3://pictures/a.png', policy, signal);
    tokens.close();
    expect(tokens.asked).toEqual([
      'POST / Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fmodels&RoleSessionName=modelwhisk&WebIdentityToken=eyJhbGciOi.J9',
    ]);
  });

  test('not from a token service that refuses, which is reported without the token', async () => {
    const error = '<Type>Sender</Type><Code>AccessDenied</Code><Message>Not authorized</Message>';
    const tokens = await startTokenService(403, `<ErrorResponse><Error>${error}</Error></ErrorResponse>`);
    await expect(fetchS3('s3://pictures/a.png', tokens.environment)).rejects.toMatchObject({
      status: 502,
      message: 'the token service gave no credentials: it answered 403 AccessDenied',
    });
    tokens.close();
  });

  test.each([
    ['a missing file', { AWS_SHARED_CREDENTIALS_FILE: '/nonexistent' }, 'file /nonexistent cannot be read'],
    [
      'an endpoint that does not answer',
      { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:9/' },
      "the container's credentials endpoint gave no credentials",
    ],
    [
      'a missing token',
      { AWS_ROLE_ARN: 'arn:aws:iam::1:role/x', AWS_WEB_IDENTITY_TOKEN_FILE: '/nonexistent' },
      'the token service gave no credentials: ENOENT',
    ],
  ])('not from %s, which is reported', async (_title, settings, message) => {
    await expect(fetchS3('s3://pictures/a.png', settings)).rejects.toMatchObject({
      status: 502,
      message: expect.stringContaining(message) as string,
    });
  });

  test('from nowhere, and then the request is not signed', async () => {
    const seen: (string | undefined)[] = [];
    const open = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>');
    }).listen(0, '127.0.0.1');
    await once(open, 'listening');
    const settings = { AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${(open.address() as AddressInfo).port}` };
    await expect(fetchS3('s3://pictures/a.png', settings)).rejects.toMatchObject({
      message: 's3://pictures/a.png was answered with 403 Forbidden (AccessDenied)',
      hint: 'no credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    });
    open.close();
    expect(seen).toEqual([undefined]);
  });
});

describe.skipIf(lacksGo)('an object is the input', () => {
  const row = modelRow.parse({
    name: 'digits',
    title: 'Digits',
    image: 'me/digits',
    server: { kind: 'http', port: 5000 },
    predict: { input: { kind: 'file', field: 'image', filename: 'image.png', contentType: 'image/png' } },
  });

  test.each([
    ['a URL in JSON', { body: { image_url: 's3://pictures/a.png' } }],
    ['bucket and key in JSON', { body: { bucket: 'pictures', key: 'a.png' } }],
    ['bucket and key in the query', { query: 'bucket=pictures&key=a.png' }],
  ] as [string, { body?: object; query?: string }][])('named by %s', async (_title, { body, query = '' }) => {
    const request = requestOf({
      method: 'POST',
      path: row.predict.path,
      query,
      headers: body === undefined ? [] : [['content-type', 'application/json']],
      body: Buffer.from(body === undefined ? '' : JSON.stringify(body)),
    });
    const form = await withFormInput(request, row, parseFetchPolicy({ ...environment, ...keys }));
    expect(form.query).toBe('');
    expect(Buffer.from(form.body).toString('latin1')).toContain(
      'name="image"; filename="a.png"\r\nContent-Type: image/png',
    );
    expect(Buffer.from(form.body).includes(png)).toBe(true);
    expect(Buffer.from(form.body).toString('latin1')).not.toContain('name="bucket"');
  });

  test('named by the parameters of a plain invocation', async () => {
    const { signal, deadline, headers } = requestOf({});
    const policy = parseFetchPolicy({ ...environment, ...keys });
    const form = await invocationRequest(
      { bucket: 'pictures', key: 'a.png' },
      row,
      { signal, deadline, headers },
      policy,
    );
    expect(Buffer.from(form.body).includes(png)).toBe(true);
  });

  test('named twice is refused', async () => {
    const body = Buffer.from(JSON.stringify({ bucket: 'pictures', key: 'a.png', image_base64: 'AAAA' }));
    const request = requestOf({
      method: 'POST',
      path: row.predict.path,
      headers: [['content-type', 'application/json']],
      body,
    });
    await expect(withFormInput(request, row, parseFetchPolicy(environment))).rejects.toMatchObject({
      status: 400,
      message: 'the input file is named twice, by "image_base64" and by "bucket" and "key"',
    });
  });

  test.each([
    ['a query with a bucket only', 'bucket=pictures', ''],
    ['a query beside a body', 'bucket=pictures&key=a.png', 'body'],
  ])('%s stays unchanged', async (_title, query, body) => {
    const request = requestOf({ method: 'POST', path: row.predict.path, query, body: Buffer.from(body) });
    expect(await withFormInput(request, row, parseFetchPolicy(environment))).toBe(request);
  });
});
