import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

test.each([
  ['openwhisk', ['negotiator']],
  ['http', ['negotiator']],
  ['sagemaker', ['negotiator']],
  ['vertex', ['negotiator']],
  ['azure', ['negotiator', 'zod']],
  ['scf', ['negotiator', 'zod']],
  ['lambda', ['negotiator', 'zod']],
])('the start on %s loads the packages %s, and all others wait for a call that needs them', async (name, packages) => {
  expect([...(await packagesOf(`adapter/platforms/${name}/server.ts`))].toSorted()).toEqual(packages);
});

/** The packages that a module and its static imports load. */
async function packagesOf(entry: string): Promise<ReadonlySet<string>> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    metafile: true,
    write: false,
    outdir: 'unused',
  });
  const packages = new Set<string>();
  collect(metafile.inputs, entry, new Set(), packages);
  return packages;
}

function collect(inputs: Metafile['inputs'], file: string, seen: Set<string>, packages: Set<string>): void {
  if (seen.has(file)) return;
  seen.add(file);
  for (const { path, kind, external } of inputs[file]?.imports ?? []) {
    if (kind !== 'import-statement') continue;
    if (external !== true) collect(inputs, path, seen, packages);
    else if (!path.startsWith('node:')) packages.add(path);
  }
}
