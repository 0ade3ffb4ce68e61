// Writes docs/dependencies.md from the adapter's bundle: npm run list-dependencies
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundledPackages } from './bundled-packages.ts';

export const dependenciesPath = fileURLToPath(new URL('../docs/dependencies.md', import.meta.url));

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
This page is made from the bundle by \`npm run list-dependencies\`, and a test keeps the two together.

## Imported by the adapter

${table(
  ['package', 'licence', 'why'],
  direct.map(({ name, licence }) => [name, licence, reasons[name] ?? '']),
)}
## Brought along

${table(
  ['package', 'licence', 'for'],
  others.map(({ name, licence, importers }) => [name, licence, importers.join(', ')]),
)}`;
}

/** A Markdown table as prettier lays it out. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[], fill: string): string =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width, fill)).join(' | ')} |\n`;
  return line(head, ' ') + line([], '-') + rows.map((row) => line(row, ' ')).join('');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(dependenciesPath, await dependenciesPage());
