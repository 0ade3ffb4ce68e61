import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundleAdapter } from '../../../image/layers/bundle.ts';

const entry = join(import.meta.dirname, '../fixtures/hello.ts');

test('the same sources give the same bytes', async () => {
  expect(await bundleAdapter(entry)).toEqual(await bundleAdapter(entry));
});

test('packages are files of their own, and their licences are there', async () => {
  const files = new Map(
    (await bundleAdapter(entry)).files.map(({ path, bytes }) => [path, new TextDecoder().decode(bytes)]),
  );
  expect([...files.keys()]).toEqual([
    'modelwhisk/adapter/main.cjs',
    'modelwhisk/adapter/packages/express.cjs',
    'modelwhisk/adapter/LICENCES.txt',
  ]);
  expect(files.get('modelwhisk/adapter/main.cjs')).toContain('./packages/express.cjs');
  expect(files.get('modelwhisk/adapter/LICENCES.txt')).toMatch(
    /^express \d+\.\d+\.\d+ \(MIT\)\n\n\(The MIT License\)/m,
  );
});
