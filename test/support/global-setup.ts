import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { folderVariable, writeAdapter } from '../adapter/bundled.ts';

/**
 * Bundles the adapter once for all test files, and again when a watched file has changed. Vitest calls this for each
 * project and what it returns at the end; the first call does it for all.
 */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (process.env[folderVariable] !== undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-bundles-'));
  process.env[folderVariable] = folder;
  // An adapter that runs as another user reads it too.
  await chmod(folder, 0o755);
  await writeAdapter(folder);
  project.onTestsRerun(async () => {
    await Promise.all((await readdir(folder)).map((name) => rm(join(folder, name), { recursive: true })));
    await writeAdapter(folder);
  });
  return async () => rm(folder, { recursive: true, force: true });
}
