import supertest from 'supertest';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { app } from '../../../examples/digits/src/app.ts';
import { lacks } from '../../support/requirements.ts';
import { account, startS3Server, type S3Server } from '../../support/s3-server.ts';
import { sample } from './helpers.ts';

const lacksGo = lacks('go');
const oddKey = "a folder/ü+&=?#%20 (1)!*'~.jpg";
let s3: S3Server | undefined;

beforeAll(async () => {
  if (lacksGo) return;
  s3 = await startS3Server('digits');
  await s3.put('digits', '7.png', sample('7.png'));
  await s3.put('digits', oddKey, sample('4.jpg'));
  await s3.put('digits', 'text.txt', Buffer.from('seven'));
  await s3.put('digits', 'large.png', Buffer.alloc(16 * 1024 * 1024 + 1));
});
afterAll(() => s3?.close());
beforeEach(() => {
  vi.stubEnv('AWS_ENDPOINT_URL_S3', s3?.endpoint);
  vi.stubEnv('AWS_ACCESS_KEY_ID', account.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', account.secretAccessKey);
  vi.stubEnv('AWS_SESSION_TOKEN', '');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const predict = (query: object): supertest.Test => supertest(app).get('/predict').query(query);

describe.skipIf(lacksGo)('GET /predict', () => {
  test.each([
    ['7.png', 7],
    [oddKey, 4],
  ])('answers the three most likely digits of the object %j', async (key, digit) => {
    const { body, headers } = await predict({ bucket: 'digits', key }).expect(200);
    expect(headers['content-type']).toBe('application/json');
    const probability = expect.any(Number) as number;
    const other = { digit: expect.any(Number) as number, probability };
    expect(body).toEqual({ prediction_result: [{ digit, probability }, other, other] });
    const [first, second, third] = (body as { prediction_result: { probability: number }[] }).prediction_result.map(
      (each) => each.probability,
    );
    expect([third, second, first]).toEqual([third, second, first].toSorted((one = 0, two = 0) => one - two));
  });

  test.each<[kind: string, key: string, status: number, message: RegExp]>([
    ['is not there', 'none.png', 400, /^The object none\.png in the bucket digits answered 404$/],
    ['is no image', 'text.txt', 400, /not a PNG/],
    ['is larger than 16 MB', 'large.png', 413, /^The object large\.png .* more than 16777216 bytes$/],
  ])('an object that %s', async (_kind, key, status, message) => {
    const response = await predict({ bucket: 'digits', key });
    expect([response.status, response.body.message]).toEqual([status, expect.stringMatching(message)]);
  });

  test('an object that the credentials do not open is a 400', async () => {
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'another');
    const { body } = await predict({ bucket: 'digits', key: '7.png' }).expect(400);
    expect(body).toEqual({ message: 'The object 7.png in the bucket digits answered 403' });
  });

  test('an unreachable store is a 400 without its address', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL_S3', 'http://127.0.0.1:1');
    const { body } = await predict({ bucket: 'digits', key: '7.png' }).expect(400);
    expect(body.message).toMatch(/^The object 7\.png in the bucket digits cannot be fetched: /);
    expect(body.message).not.toContain('127.0.0.1:1/');
  });
});

describe('GET /predict without an object', () => {
  const missing = 'Missing required parameter in the query string';
  test.each<[query: object, errors: object]>([
    [{}, { bucket: missing, key: missing }],
    [{ bucket: 'digits' }, { key: missing }],
    [{ key: '7.png', bucket: '' }, { bucket: 'not the name of a bucket' }],
    [{ bucket: 'digits', key: '' }, { key: missing }],
    [{ bucket: ['digits', 'other'], key: '7.png' }, { bucket: missing }],
    [{ bucket: '../x', key: '7.png' }, { bucket: 'not the name of a bucket' }],
    [{ bucket: 'digits', key: '../other/7.png' }, { key: '"." and ".." are refused as parts of a key' }],
  ])('%j is a 400', async (query, errors) => {
    const { body } = await predict(query).expect(400);
    expect(body).toEqual({ errors, message: 'Input payload validation failed' });
  });
});
