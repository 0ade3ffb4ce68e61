import { describe, expect, test } from 'vitest';
import type { ObjectStore } from '../../../adapter/fetch/s3/object-store.ts';
import { allowsPrivateAddress, parseFetchPolicy } from '../../../adapter/fetch/policy.ts';

test('without settings nothing private is allowed, and the limits are 16 MiB, 10 seconds and 5 redirects', () => {
  expect(parseFetchPolicy({})).toEqual({
    allowHosts: [],
    maximumBytes: 16_777_216,
    timeoutMilliseconds: 10_000,
    maximumRedirects: 5,
    objectStore: expect.any(Function) as () => ObjectStore,
  });
});

test('settings are read, and the policy cannot be changed afterwards', () => {
  const policy = parseFetchPolicy({
    MODELWHISK_FETCH_ALLOW_HOSTS: ' Minio.Internal:9000, 10.0.0.5 ,[FD00::5]:8080,',
    MODELWHISK_FETCH_MAX_BYTES: '1000',
    MODELWHISK_FETCH_TIMEOUT: '250',
  });
  expect(policy).toEqual({
    allowHosts: ['minio.internal:9000', '10.0.0.5', '[fd00::5]:8080'],
    maximumBytes: 1000,
    timeoutMilliseconds: 250,
    maximumRedirects: 5,
    objectStore: expect.any(Function) as () => ObjectStore,
  });
  expect(Object.isFrozen(policy)).toBe(true);
  expect(Object.isFrozen(policy.allowHosts)).toBe(true);
});

describe('a malformed setting is refused by name, value and expectation', () => {
  test.each([
    ['MODELWHISK_FETCH_ALLOW_HOSTS', 'http://minio'],
    ['MODELWHISK_FETCH_ALLOW_HOSTS', 'minio/bucket'],
    ['MODELWHISK_FETCH_ALLOW_HOSTS', '*.internal'],
    ['MODELWHISK_FETCH_ALLOW_HOSTS', '10.0.0.0/8'],
    ['MODELWHISK_FETCH_ALLOW_HOSTS', 'minio:99999'],
    ['MODELWHISK_FETCH_ALLOW_HOSTS', 'user@minio'],
    ['MODELWHISK_FETCH_MAX_BYTES', '16MiB'],
    ['MODELWHISK_FETCH_MAX_BYTES', '0'],
    ['MODELWHISK_FETCH_MAX_BYTES', '-1'],
    ['MODELWHISK_FETCH_TIMEOUT', '1.5'],
    ['MODELWHISK_FETCH_TIMEOUT', '99999999999'],
  ])('%s=%s', (name, value) => {
    expect(() => parseFetchPolicy({ [name]: value })).toThrow(
      expect.objectContaining({
        name: 'ConfigurationError',
        message: expect.stringContaining(`${name} is ${JSON.stringify(value)}; expected `),
      }),
    );
  });
});

describe('the allow-list holds whole hosts, with or without the port', () => {
  test.each([
    ['minio', 'http://minio/x', true],
    ['minio', 'https://MINIO:9000/x', true],
    ['minio:9000', 'http://minio:9000/x', true],
    ['minio:80', 'http://minio/x', true],
    ['minio:443', 'https://minio/x', true],
    ['127.0.0.1', 'http://0x7f.1/', true],
    ['minio:9000', 'http://minio:9001/', false],
    ['minio:9000', 'http://minio/', false],
    ['minio', 'http://not-minio/', false],
    ['minio', 'http://minio.example.com/', false],
    ['minio', 'http://minio@example.com/', false],
  ])('%s for %s: %s', (allowed, url, expected) => {
    const policy = parseFetchPolicy({ MODELWHISK_FETCH_ALLOW_HOSTS: allowed });
    expect(allowsPrivateAddress(new URL(url), policy)).toBe(expected);
  });
});
