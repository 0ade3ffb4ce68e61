import { copyFile, cp, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { bundledAdapter } from '../../adapter/bundled.ts';
import { docker } from '../../support/docker.ts';

/**
 * Makes an image that contains only Node.js with its libraries, the adapter and the model servers of these tests. It
 * stands for an image of build.ts: the same entrypoint, but this machine's Node.js instead of the runtime layer's,
 * which takes minutes to make and has its own tests.
 */
export async function makeAdapterImage(name: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-image-'));
  try {
    const { stdout } = await execa('ldd', [process.execPath]);
    const libraries = [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, path = '']) => path);
    for (const path of libraries) await place(await realpath(path), join(folder, 'root', path));
    await place(process.execPath, join(folder, 'root/node'));
    const adapter = dirname(await bundledAdapter());
    await cp(dirname(adapter), join(folder, 'root/modelwhisk'), { recursive: true });
    await cp(join(import.meta.dirname, '../servers'), join(folder, 'root/servers'), { recursive: true });
    const dockerfile = `FROM scratch
COPY root /
WORKDIR /servers
EXPOSE 8080
ENTRYPOINT ["/modelwhisk/runtime/init", "/node", "/modelwhisk/adapter/main.cjs"]
`;
    await writeFile(join(folder, 'Dockerfile'), dockerfile);
    await docker('build', '--quiet', '--tag', name, folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function place(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
}
