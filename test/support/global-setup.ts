import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { folderVariable, writeAdapter } from '../adapter/bundled.ts';

/**
 * Bundles the adapter once for all test files, and again after a change of a watched file. Vitest calls this for each
 * project, and the returned function at the end. Only the first call does the work.
 */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (process.env[folderVariable] !== undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-bundles-'));
  process.env[folderVariable] = folder;
  // Readable for an adapter that runs as another user.
  await chmod(folder, 0o755);
  await writeAdapter(folder);
  project.onTestsRerun(async () => {
    await Promise.all((await readdir(folder)).map((name) => rm(join(folder, name), { recursive: true })));
    await writeAdapter(folder);
  });
  return async () => rm(folder, { recursive: true, force: true });
}
