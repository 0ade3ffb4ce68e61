import { chmod, cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';

const root = join(import.meta.dirname, '../..');

/** A copy of this checkout whose files a test may change. */
export interface Checkout {
  readonly folder: string;
  readonly path: (name: string) => string;
  readonly close: () => Promise<void>;
}

/**
 * @param packages the installed packages: none, this checkout's by symbolic links, or copies by hard links (with GNU's
 * cp), for tools that need real folders
 */
export async function copyCheckout({
  packages,
}: {
  readonly packages: 'none' | 'links' | 'copies';
}): Promise<Checkout> {
  const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-checkout-'));
  const path = (name: string): string => join(folder, name);
  // For tests that run it as another user.
  await chmod(folder, 0o755);
  const { stdout } = await execa('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: root,
  });
  const needed = stdout.split('\0').filter((name) => name !== '' && !/^(bench|docs|test)\//.test(name));
  for (const name of needed) {
    await mkdir(dirname(path(name)), { recursive: true });
    await cp(join(root, name), path(name)).catch(ignoreDeleted);
  }
  if (packages === 'copies') {
    for (const name of ['node_modules', 'examples/digits/node_modules']) {
      await execa('cp', ['-al', join(root, name), path(name)]);
    }
    await rm(path('node_modules/.cache'), { recursive: true, force: true });
  } else if (packages === 'links') {
    await mkdir(path('node_modules'));
    for (const name of await readdir(join(root, 'node_modules'))) {
      if (name !== '.cache') await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name));
    }
    await symlink(join(root, 'examples/digits/node_modules'), path('examples/digits/node_modules'));
  }
  return { folder, path, close: async () => rm(folder, { recursive: true, force: true }) };
}

/** Git still lists a file whose removal has not been committed. */
function ignoreDeleted(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
