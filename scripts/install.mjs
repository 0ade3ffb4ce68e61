// Installs what package-lock.json names where that has not been done yet, so that `npm start` and `npm test` work
// on a fresh clone. Plain JavaScript: it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

for (const folder of [root, join(root, 'examples', 'digits')]) {
  if (existsSync(join(folder, 'package-lock.json')) && !isInstalled(folder)) {
    console.error(`installing packages in ${folder} …`);
    const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: folder,
      stdio: ['ignore', 2, 2],
      shell: process.platform === 'win32',
    });
    if (status !== 0) {
      console.error(`npm ci failed in ${folder}; it needs the npm registry`);
      process.exit(1);
    }
  }
}

function isInstalled(folder) {
  const marker = join(folder, 'node_modules', '.package-lock.json');
  return existsSync(marker) && statSync(marker).mtimeMs >= statSync(join(folder, 'package-lock.json')).mtimeMs;
}
