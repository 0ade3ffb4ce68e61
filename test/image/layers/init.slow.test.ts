import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { lacks } from '../../support/requirements.ts';

const folder = join(import.meta.dirname, '../../../image/layers/init');

test.skipIf(lacks('python3'))(
  'process 1 is what its source gives, byte for byte',
  async () => {
    const built = await mkdtemp(join(tmpdir(), 'modelwhisk-init-'));
    await execa(join(folder, 'build'), [built, 'x64', 'arm64']);
    const names = await readdir(built);
    expect(names.toSorted()).toEqual(['arm64', 'musl-licence.txt', 'x64']);
    for (const name of names) {
      const [here, made] = await Promise.all([folder, built].map(async (from) => readFile(join(from, name))));
      expect(made?.equals(here ?? Buffer.of()), name).toBe(true);
    }
    await rm(built, { recursive: true });
  },
  600_000,
);
