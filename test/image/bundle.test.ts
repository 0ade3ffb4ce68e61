import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundleAdapter } from '../../image/bundle.ts';

const entry = join(import.meta.dirname, 'fixtures/hello.ts');

test('the same sources give the same bytes', async () => {
  expect(await bundleAdapter(entry)).toEqual(await bundleAdapter(entry));
});

test('what is imported on demand is a file of its own, and the licences of the packages inside are there', async () => {
  const files = new Map((await bundleAdapter(entry)).map(({ path, bytes }) => [path, new TextDecoder().decode(bytes)]));
  expect([...files.keys()].filter((path) => /\/chunks\/hello-later-\w+\.mjs$/.test(path))).toHaveLength(1);
  expect(files.get('modelwhisk/adapter/main.mjs')).not.toContain('process.version');
  expect(files.get('modelwhisk/adapter/LICENCES.txt')).toMatch(
    /^express \d+\.\d+\.\d+ \(MIT\)\n\n\(The MIT License\)/m,
  );
});
