import { describe, expect, test } from 'vitest';
import { readConfiguration } from '../../../adapter/settings/settings.ts';

const [hash, other] = ['a1'.repeat(32), 'b2'.repeat(32)];
const row = {
  name: 'echo',
  title: 'Echo',
  image: 'me/echo',
  server: { kind: 'express', module: 'app.js' },
  predict: { input: { kind: 'json' } },
};
const kept = { url: 's3://models/a.tgz', sha256: hash, variable: 'WEIGHTS' };
const read = async (settings: Record<string, string>, archive?: object) => {
  const model = JSON.stringify({ ...row, ...(archive && { archive }) });
  return (await readConfiguration({ MODELWHISK_MODEL: model, ...settings })).archive;
};
const named = { MODELWHISK_ARCHIVE: 'https://files.example.com/m.tar', MODELWHISK_ARCHIVE_SHA256: other };

describe('the archive that holds the model', () => {
  test('is undefined by default', async () => {
    expect(await read({})).toBeUndefined();
  });

  test("is the settings', or else the row's, with the variable that either names", async () => {
    const url = 'https://files.example.com/m.tar';
    expect(await read(named)).toEqual({ url, sha256: other, variable: 'MODEL_DIR', maximumBytes: 2_147_483_648 });
    expect(await read(named, kept)).toMatchObject({ url, sha256: other, variable: 'WEIGHTS' });
    expect(await read({ MODELWHISK_ARCHIVE_MAX_BYTES: '10' }, kept)).toEqual({ ...kept, maximumBytes: 10 });
    expect(await read({ MODELWHISK_ARCHIVE_VARIABLE: 'MODEL_PATH' }, kept)).toMatchObject({ variable: 'MODEL_PATH' });
  });

  test.each<[settings: Record<string, string>, message: RegExp]>([
    [{ MODELWHISK_ARCHIVE: 'https://a/b.tgz' }, /^MODELWHISK_ARCHIVE_SHA256 is not set; expected the SHA-256/],
    [{ MODELWHISK_ARCHIVE_SHA256: hash }, /^MODELWHISK_ARCHIVE is not set; expected the URL of the archive/],
    [
      { ...named, MODELWHISK_ARCHIVE_SHA256: 'a1' },
      /^MODELWHISK_ARCHIVE_SHA256 is "a1"; expected the SHA-256 .* 64 hex/,
    ],
    [
      { ...named, MODELWHISK_ARCHIVE: 'ftp://a/b' },
      /^MODELWHISK_ARCHIVE is "ftp:\/\/a\/b"; expected the URL of a \.tar/,
    ],
    [
      { ...named, MODELWHISK_ARCHIVE_MAX_BYTES: '2G' },
      /^MODELWHISK_ARCHIVE_MAX_BYTES is "2G"; expected a whole number/,
    ],
    [
      { ...named, MODELWHISK_ARCHIVE_VARIABLE: 'MODELWHISK_DIR' },
      /^MODELWHISK_ARCHIVE_VARIABLE is .*; expected the name/,
    ],
  ])('%j is refused by name, value and expectation', async (settings, message) => {
    await expect(read(settings)).rejects.toThrow(message);
  });
});
