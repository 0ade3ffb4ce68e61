import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

/** The folder for all that the bench installs and compiles. */
export const cacheFolder = join(import.meta.dirname, '../.cache/bench');

/** The latest releases for Node 20 and Python 3.11. */
const packages = { 'serverless-http': '4.0.0', '@codegenie/serverless-express': '4.17.1' };
/** The version on crates.io. */
const webAdapterVersion = '1.0.0-rc1';
const pythonPackages = ['flask==3.1.3', 'werkzeug==3.1.9'];

export interface Peers {
  /** Version by name, for the tables. */
  readonly versions: Readonly<Record<string, string>>;
  /** Python with Flask. */
  readonly python: string;
  /** aws-lambda-web-adapter, built from its crate. Undefined without Rust. */
  readonly webAdapter: string | undefined;
}

/**
 * Installs the peers from npm, PyPI and crates.io if necessary.
 *
 * @param isWanted whether a bench will run, by its name
 */
export async function installPeers(isWanted: (bench: string) => boolean): Promise<Peers> {
  await mkdir(cacheFolder, { recursive: true });
  const python = join(cacheFolder, 'python', 'bin', 'python');
  const webAdapter = isWanted('lambda') ? await installFromCratesIo() : undefined;
  if (isWanted('activation')) await Promise.all([installFromNpm(), installFromPyPi(python)]);
  const own = ['express', 'supertest', 'undici'].map(async (name) => [name, await installedVersion(name)] as const);
  const versions: Record<string, string> = { ...packages, ...Object.fromEntries(await Promise.all(own)) };
  for (const each of pythonPackages) {
    const [name = '', version = ''] = each.split('==');
    versions[name] = version;
  }
  versions['aws-lambda-web-adapter'] = webAdapterVersion;
  return { versions, python, webAdapter };
}

async function installFromNpm(): Promise<void> {
  const manifest = join(cacheFolder, 'package.json');
  const wanted = `${JSON.stringify({ private: true, dependencies: packages }, undefined, 2)}\n`;
  const present = await readFile(manifest, 'utf8').catch(() => '');
  if (present === wanted && existsSync(join(cacheFolder, 'node_modules'))) return;
  await writeFile(manifest, wanted);
  await execa('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: cacheFolder });
}

async function installFromPyPi(python: string): Promise<void> {
  const stamp = join(cacheFolder, 'python', 'installed.txt');
  const wanted = pythonPackages.join('\n');
  if ((await readFile(stamp, 'utf8').catch(() => '')) === wanted) return;
  await execa('python3', ['-m', 'venv', join(cacheFolder, 'python')]);
  await execa(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...pythonPackages]);
  await writeFile(stamp, wanted);
}

/** The first installation takes some minutes. */
async function installFromCratesIo(): Promise<string | undefined> {
  const root = join(cacheFolder, `lambda-web-adapter-${webAdapterVersion}`);
  const program = join(root, 'bin', 'lambda-adapter');
  if (existsSync(program)) return program;
  const crate = ['lambda_web_adapter', '--version', webAdapterVersion, '--locked', '--quiet'];
  const { failed, stderr } = await execa('cargo', ['install', ...crate, '--root', root], { reject: false });
  if (!failed) return program;
  console.error(`aws-lambda-web-adapter cannot be built and is left out: ${stderr}`);
  return undefined;
}

/** Version of a package of the project itself. */
async function installedVersion(name: string): Promise<string> {
  const manifest = await readFile(join(import.meta.dirname, '../node_modules', name, 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
