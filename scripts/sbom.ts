// Writes sbom.cdx.json in dist/, or the file that is named, the bill of materials of the layers that every image gets:
// npm run sbom, and npm run build
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { RUNTIME_IMAGE } from '../image/layers/runtime.ts';
import { bundledPackages } from './bundled-packages.ts';

/** As far as it is read here; the rest of a component stays as npm wrote it. */
interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly properties?: readonly { readonly name: string }[] | undefined;
}

interface Bom {
  readonly serialNumber?: string;
  readonly metadata: { readonly component: Component; readonly timestamp?: string };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/**
 * The bill in CycloneDX 1.5: of all that `npm sbom` lists, what the adapter's bundle holds, and the image that the
 * runtime layer's Node.js and C library are taken from.
 */
export async function billOfMaterials(): Promise<Bom> {
  // All of it: with --omit dev, npm 11 leaves out what development tools happen to need, too.
  const { stdout } = await execa('npm', ['sbom', '--sbom-format', 'cyclonedx'], {
    cwd: join(import.meta.dirname, '..'),
  });
  const whole = JSON.parse(stdout) as Bom;
  const bundled = new Set((await bundledPackages()).map(({ name, version }) => `${name}@${version}`));
  const components = whole.components.filter(({ name, version }) => bundled.has(`${name}@${version}`));
  const missing = bundled.size - components.length;
  if (missing !== 0) throw new Error(`npm sbom lacks ${missing} of the packages in the bundle; run npm ci`);
  const kept = new Set([whole.metadata.component['bom-ref'], ...components.map((each) => each['bom-ref'])]);
  const dependencies = whole.dependencies
    .filter(({ ref }) => kept.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((each) => kept.has(each)) }));
  // npm adds a random serial number and the time of day; the same sources are to give the same bill.
  const { serialNumber: _, metadata, ...rest } = whole;
  const { timestamp: __, ...about } = metadata;
  return {
    ...rest,
    // npm names it after the folder that it is in.
    metadata: { ...about, component: { ...about.component, name: 'modelwhisk' } },
    components: [...components.map(shippedComponent), runtimeImage()],
    dependencies,
  };
}

/** npm marks what package.json has under devDependencies, which is where everything is that gets bundled. */
function shippedComponent(component: Component): Component {
  return { ...component, properties: component.properties?.filter(({ name }) => !name.endsWith(':development')) };
}

/** https://github.com/package-url/purl-spec, type "oci" */
function runtimeImage(): Component & Readonly<Record<string, unknown>> {
  const [, repository = '', tag = '', digest = ''] = /^(.*):([^:@]+)@(.+)$/.exec(RUNTIME_IMAGE) ?? [];
  const name = repository.split('/').at(-1) ?? '';
  const purl = `pkg:oci/${name}@${encodeURIComponent(digest)}?repository_url=${repository}&tag=${tag}`;
  const hashes = [{ alg: 'SHA-256', content: digest.replace('sha256:', '') }];
  return { 'bom-ref': purl, type: 'container', name: repository, version: tag, purl, hashes };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = process.argv[2] ?? join(import.meta.dirname, '../dist/sbom.cdx.json');
  await mkdir(dirname(file), { recursive: true });
  console.log('          sbom.cdx.json');
  await writeFile(file, `${JSON.stringify(await billOfMaterials(), undefined, 2)}\n`);
}
