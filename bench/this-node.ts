import { readFile } from 'node:fs/promises';
import { execa } from 'execa';
import { packTar } from 'modern-tar';
import { pushBase, type PushedBase } from '../test/image/registry/support/base-images.ts';

/**
 * Pushes an image with this machine's Node.js and C library at the paths of an official Node image. Its size is
 * realistic for measurements, but it is not meant for use.
 */
export async function pushThisNode(host: string, repository: string, tag: string): Promise<PushedBase> {
  const { stdout } = await execa('ldd', [process.execPath]);
  const loader = /(\/\S+\/ld-linux\S+)/.exec(stdout)?.[1] ?? '';
  const libraries = [...stdout.matchAll(/=> (\/\S+)/g)].map((line) => line[1] ?? '');
  const files = [
    ...[loader, ...libraries].map((path): [string, string] => [`usr/lib/${path.split('/').at(-1) ?? ''}`, path]),
    ['usr/local/bin/node', process.execPath] as const,
    ['usr/local/LICENSE', import.meta.filename] as const,
  ];
  const entries = files.map(async ([name, path]) => {
    const body = await readFile(path);
    return { header: { name, size: body.length }, body };
  });
  return pushBase(host, repository, tag, { tars: [await packTar(await Promise.all(entries))] });
}
