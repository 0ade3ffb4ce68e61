import { expect, test } from 'vitest';
import { readVertexSettings } from '../../../../adapter/platforms/vertex/settings.ts';

const megabyte = 1024 * 1024;

test.each([
  ['dedicated', 10, 600],
  ['shared', 1.5, 60],
  ['private-service-connect', 10, 600],
  ['private', 10, 60],
])('a %s endpoint has a limit of %d MB each way, and of %i s', (kind, megabytes, seconds) => {
  expect(readVertexSettings({ MODELWHISK_VERTEX_ENDPOINT: kind })).toMatchObject({
    maximumRequest: megabytes * megabyte,
    maximumReply: { bytes: megabytes * megabyte, what: `a reply of a ${kind} endpoint` },
    timeout: seconds * 1000,
  });
});

test('MODELWHISK_VERTEX_TIMEOUT goes before the limit of the kind', () => {
  const variables = { MODELWHISK_VERTEX_ENDPOINT: 'private-service-connect', MODELWHISK_VERTEX_TIMEOUT: '3600000' };
  expect(readVertexSettings(variables)).toMatchObject({ timeout: 3_600_000 });
});
