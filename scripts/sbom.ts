// Writes the bill of materials of the adapter's layers to sbom.cdx.json in dist, or to the file in the first argument:
// npm run sbom, and npm run build
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { RUNTIME_IMAGE } from '../image/layers/runtime.ts';
import { bundledPackages } from './bundled-packages.ts';

/** The members of a component that are used here. All others stay unchanged. */
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
 * The bill of materials in CycloneDX 1.5: the packages of `npm sbom` that are in the adapter's bundle, and the image
 * with the runtime layer's Node.js and C library.
 */
export async function billOfMaterials(): Promise<Bom> {
  // Without --omit dev, because npm 11 would also drop packages that development tools need as well.
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
  // Drop npm's random serial number and time, so that the same sources give the same bill.
  const { serialNumber: _, metadata, ...rest } = whole;
  const { timestamp: __, ...about } = metadata;
  return {
    ...rest,
    // npm uses the name of the folder.
    metadata: { ...about, component: { ...about.component, name: 'modelwhisk' } },
    components: [...components.map(shippedComponent), runtimeImage()],
    dependencies,
  };
}

/** Drops npm's mark of devDependencies, because all bundled packages are listed there. */
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
