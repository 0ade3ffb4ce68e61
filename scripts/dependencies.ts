import { bundledPackages } from './bundled-packages.ts';
import { markdownTable } from './markdown-table.ts';

/** Why the adapter itself imports a package. */
const reasons: Readonly<Record<string, string>> = {
  aws4: 'signs requests to object stores; loaded when the first object is read',
  'form-data': 'builds the multipart form for a file that was named in JSON; loaded when the first such call comes',
  ini: 'reads the shared credentials file of object stores; loaded with aws4',
  'ipaddr.js': 'tells whether an address is public before a file is fetched from it; loaded with node-fetch',
  'modern-tar': 'unpacks a model that is kept outside of its image; loaded where there is one',
  negotiator: 'reads Accept-Encoding where a platform lets replies be compressed',
  'node-fetch':
    'fetches a file that was named by its URL, with a connection that is checked; loaded when the first such call comes',
  superagent: 'is what supertest calls with; loaded with it',
  supertest: 'calls an Express app in this process; loaded for Express model servers only',
  zod: "checks events of Lambda and SCF, and a model's row that build.ts has not checked; loaded for these only",
};

/** docs/dependencies.md as it should be. Throws where the adapter imports a package for which no reason is given. */
export async function dependenciesPage(): Promise<string> {
  const packages = await bundledPackages();
  const direct = packages.filter(({ importers }) => importers.includes(''));
  const others = packages.filter(({ importers }) => !importers.includes(''));
  const unexplained = direct.filter(({ name }) => reasons[name] === undefined).map(({ name }) => name);
  if (unexplained.length > 0)
    throw new Error(`say in scripts/dependencies.ts why the adapter has ${unexplained.join(', ')}`);
  return `# What the adapter ships

The adapter layer holds code of ${packages.length} npm packages, bundled with the adapter's own. Their licences are in the image,
in \`/modelwhisk/adapter/LICENCES.txt\`; versions and digests are in the bill of materials that \`npm run sbom\` writes.
This page is made from the bundle by \`npm run docs\`, and a test keeps the two together.

## Imported by the adapter

${markdownTable(
  ['package', 'licence', 'why'],
  direct.map(({ name, licence }) => [name, licence, reasons[name] ?? '']),
)}
## Brought along

${markdownTable(
  ['package', 'licence', 'for'],
  others.map(({ name, licence, importers }) => [name, licence, importers.join(', ')]),
)}`;
}
