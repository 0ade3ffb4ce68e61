import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readImageSettings } from '../../../adapter/settings/image.ts';

const row = {
  name: 'iris',
  title: 'Iris',
  image: 'me/iris',
  server: { kind: 'http', port: 5000 },
  predict: { input: { kind: 'json' } },
};
const model = JSON.stringify(row);
const base = JSON.stringify({ entrypoint: ['/serve'], command: null, environment: {} });

describe('the image’s settings of its model', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'modelwhisk-settings-'));
    await writeFile(join(folder, 'model.json'), model);
    await writeFile(join(folder, 'marked.json'), `\uFEFF${model}`);
    await writeFile(join(folder, 'broken.json'), '{"name":');
  });
  afterAll(async () => rm(folder, { recursive: true }));

  test('the command that starts it is the image’s CMD, if build.ts has not written one', async () => {
    const words = ['python', 'app.py'];
    const byHand = await readImageSettings({ MODELWHISK_MODEL: model }, words);
    expect(byHand.base).toEqual({ entrypoint: null, command: words, environment: {} });
    const made = await readImageSettings({ MODELWHISK_MODEL: model, MODELWHISK_BASE: base }, words);
    expect(made.base).toMatchObject({ entrypoint: ['/serve'], command: null });
    expect((await readImageSettings({ MODELWHISK_MODEL: model }, [])).base.command).toBeNull();
  });

  test('the row’s file may begin with a byte order mark', async () => {
    expect((await readImageSettings({}, [], join(folder, 'marked.json'))).row).toMatchObject({ name: 'iris' });
  });

  test('the row may be a file, but the variable wins', async () => {
    const file = join(folder, 'model.json');
    expect((await readImageSettings({}, [], file)).row).toMatchObject({ name: 'iris', memory: 512 });
    const other = JSON.stringify({ ...row, name: 'other' });
    expect((await readImageSettings({ MODELWHISK_MODEL: other }, [], file)).row).toMatchObject({ name: 'other' });
  });

  test.each([
    ['none.json', /^MODELWHISK_MODEL is not set; expected .* or a file \S+none\.json with it$/],
    ['broken.json', /broken\.json is "\{\\"name\\":"; expected/],
  ])('%s is refused by name', async (name, message) => {
    await expect(readImageSettings({}, [], join(folder, name))).rejects.toThrow(message);
  });
});
