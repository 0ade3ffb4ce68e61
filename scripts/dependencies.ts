import { bundledPackages } from './bundled-packages.ts';
import { markdownTable } from './markdown-table.ts';

/** Why the adapter itself imports a package. */
const reasons: Readonly<Record<string, string>> = {
  '@opentelemetry/api': "is OpenTelemetry's interface; loaded with its SDK, and by prom-client",
  '@opentelemetry/core': 'reads and writes `traceparent` for spans; loaded with the SDK',
  '@opentelemetry/exporter-trace-otlp-http': 'sends spans over OTLP; loaded with the SDK',
  '@opentelemetry/resources': 'reads the resource attributes of spans; loaded with the SDK',
  '@opentelemetry/sdk-trace-base': 'makes a span of each call; loaded only if an OTLP endpoint is set',
  aws4: 'signs requests to object stores; loaded when the first object is read',
  'form-data': 'builds the multipart form for a file that is named in JSON; loaded at the first such call',
  ini: 'reads the shared credentials file of object stores; loaded with aws4',
  'ipaddr.js': 'checks that an address is public before a file is fetched from it; loaded with node-fetch',
  'modern-tar': 'unpacks a model that is kept outside its image; loaded only for such a model',
  negotiator: 'reads Accept-Encoding on platforms that allow compressed replies',
  'node-fetch': 'fetches a file by its URL, over a connection whose address is checked; loaded at the first such call',
  'prom-client': 'counts calls in the format of Prometheus; loaded only if a port for metrics is set',
  supertest: 'calls an Express app in this process; loaded only for Express model servers',
  zod: "checks events of services, and a model's row that build.ts has not checked; loaded at the start on Lambda, SCF and Azure, elsewhere by the first event",
};

/** The content of docs/dependencies.md. Throws if a package that the adapter imports has no reason above. */
export async function dependenciesPage(): Promise<string> {
  const packages = await bundledPackages();
  const direct = packages.filter(({ importers }) => importers.includes(''));
  const others = packages.filter(({ importers }) => !importers.includes(''));
  const unexplained = direct.filter(({ name }) => reasons[name] === undefined).map(({ name }) => name);
  if (unexplained.length > 0)
    throw new Error(`say in scripts/dependencies.ts why the adapter has ${unexplained.join(', ')}`);
  return `# What the adapter ships

The adapter layer contains code of ${packages.length} npm packages, bundled with the adapter's own. Their licences are in the image,
in \`/modelwhisk/adapter/LICENCES.txt\`; versions and digests are in the bill of materials that \`npm run sbom\` writes.
\`npm run docs\` writes this page from the bundle, and a test compares them.

## Imported by the adapter

${markdownTable(
  ['package', 'licence', 'why'],
  direct.map(({ name, licence }) => [name, licence, reasons[name] ?? '']),
)}
## Imported by these packages

${markdownTable(
  ['package', 'licence', 'for'],
  others.map(({ name, licence, importers }) => [name, licence, importers.join(', ')]),
)}`;
}
