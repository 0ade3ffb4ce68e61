import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

const root = join(import.meta.dirname, '../..');

/**
 * The licence texts of all packages that a bundle contains, one after the other.
 *
 * @param inputs of esbuild's metafile
 */
export async function licencesOf(inputs: Metafile['inputs']): Promise<string> {
  const folders = new Set(Object.keys(inputs).flatMap((path) => packageFolder.exec(path)?.[0] ?? []));
  const texts = [...folders].toSorted().map(async (folder) => {
    const names = (await readdir(join(root, folder))).filter((name) => licenceFile.test(name)).toSorted();
    const licences = await Promise.all(names.map(async (name) => readFile(join(root, folder, name), 'utf8')));
    const { name, version, license } = JSON.parse(
      await readFile(join(root, folder, 'package.json'), 'utf8'),
    ) as Readonly<Record<string, unknown>>;
    return [`${String(name)} ${String(version)} (${String(license)})`, ...licences].join('\n\n');
  });
  return `${(await Promise.all(texts)).join('\n\n----\n\n')}\n`;
}

const packageFolder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/;
const licenceFile = /^(licen[cs]e|notice|copying)/i;
