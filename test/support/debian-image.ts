import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { docker } from './docker.ts';

/** An image of Debian 12 that stands for one that cannot be pulled here. */
export interface DebianImage {
  /** Part of the name of its file in the cache. */
  readonly name: string;
  /** Must change with `complete`, so that the image in the cache is made again. */
  readonly version: string;
  /** Debian packages besides the essential ones. */
  readonly packages: readonly string[];
  /** Files to write, by their path in the image without the leading slash. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** Completes the image's root folder. `scratch` is an empty temporary folder. */
  readonly complete: (root: string, scratch: string) => Promise<void>;
  readonly environment: Readonly<Record<string, string>>;
  /** Further instructions of a Dockerfile for its configuration. */
  readonly configuration: readonly string[];
}

/** Makes the image from Debian's packages, or takes it from the user's cache folder, and gives it to the engine. */
export async function importDebianImage(image: DebianImage, name: string): Promise<void> {
  const tar = await fileSystem(image);
  const changes = [
    ...Object.entries({ PATH: path, ...image.environment }).map(([variable, value]) => `ENV ${variable}=${value}`),
    ...image.configuration,
  ];
  await docker('import', '--platform', 'linux/amd64', ...changes.flatMap((change) => ['--change', change]), tar, name);
}

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The image's file system as a tar: made once, then kept. */
async function fileSystem({ name, version, packages, files, complete }: DebianImage): Promise<string> {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'modelwhisk', 'test');
  const key = createHash('sha256').update(version);
  for (const content of Object.values(files)) key.update(content);
  const tar = join(cache, `${name}-bookworm-${key.digest('hex').slice(0, 12)}.tar`);
  if (await exists(tar)) return tar;
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'making-'));
  try {
    const root = join(folder, 'root');
    const include = packages.length === 0 ? [] : [`--include=${packages.join(',')}`];
    await execa('debootstrap', ['--variant=minbase', ...include, 'bookworm', root]);
    await complete(root, folder);
    for (const [file, content] of Object.entries(files)) await writeFile(join(root, file), content);
    await Promise.all(
      ['var/cache/apt', 'var/lib/apt/lists', 'var/log'].map(async (each) => rm(join(root, each), { recursive: true })),
    );
    await execa('tar', ['-C', root, '--sort=name', '--numeric-owner', '-cf', `${folder}.tar`, '.']);
    await rename(`${folder}.tar`, tar);
    return tar;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
