import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { installArchive } from '../../../adapter/archive/install-archive.ts';
import { parseFetchPolicy } from '../../../adapter/fetch/policy.ts';
import { account, startS3Server, type S3Server } from '../../support/s3-server.ts';

let folder: string;
let store: S3Server;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'place-test-'));
  vi.stubEnv('TMPDIR', folder);
  store = await startS3Server('models');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await store.close();
  await rm(folder, { recursive: true });
});

// The name is too long for a header's field, so the tar command writes an extra header for it.
test('unpacks an archive of the tar command, from an s3:// bucket that callers may not name', async () => {
  const name = `${'long'.repeat(40)}.txt`;
  await writeFile(join(folder, name), 'seven');
  const packed = await execa('tar', ['-czf', '-', '.'], { cwd: folder, encoding: 'buffer' });
  // fetch takes no buffer that can grow.
  const bytes = Buffer.from(packed.stdout);
  await store.put('models', 'v1/model.tgz', bytes);
  const policy = parseFetchPolicy({
    AWS_ENDPOINT_URL_S3: store.endpoint,
    AWS_ACCESS_KEY_ID: account.accessKeyId,
    AWS_SECRET_ACCESS_KEY: account.secretAccessKey,
    MODELWHISK_S3_BUCKETS: 'pictures',
    MODELWHISK_FETCH_MAX_BYTES: '1',
  });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const archive = { url: 's3://models/v1/model.tgz', sha256, variable: 'X', maximumBytes: 1e6 };
  const directory = await installArchive(archive, policy, new AbortController().signal);
  expect(await readFile(join(directory, name), 'utf8')).toBe('seven');
});
