import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface RegistryServer {
  /** "127.0.0.1:PORT" */
  readonly host: string;
  /** The registry's own access log, a line for each request: `POST /v2/… 201`. */
  readonly access: () => readonly string[];
  readonly close: () => Promise<void>;
}

export interface RegistryOptions {
  /** The registry's `auth` section, as JSON. */
  readonly auth?: object;
  /** Where its data lies, and stays. */
  readonly folder?: string;
}

/**
 * Starts a real CNCF registry (the Debian package docker-registry, distribution 2.8) on a free loopback port, with its
 * data in a temporary folder.
 */
export async function startRegistry(options: RegistryOptions = {}): Promise<RegistryServer> {
  const { auth } = options;
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'modelwhisk-registry-')));
  const port = await freePort();
  const host = `127.0.0.1:${port}`;
  const config = {
    version: 0.1,
    storage: { filesystem: { rootdirectory: join(folder, 'data') }, delete: { enabled: true } },
    http: { addr: host, secret: 'fixed' },
    ...(auth !== undefined && { auth }),
  };
  const configFile = join(folder, `config-${port}.yml`);
  // JSON is YAML.
  await writeFile(configFile, JSON.stringify(config));
  const child = spawn('docker-registry', ['serve', configFile], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  await answers(`http://${host}/v2/`);
  return {
    host,
    access: () => [...output.matchAll(accessLine)].map(([, request, status]) => `${request} ${status}`),
    async close() {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

const accessLine = /"((?:GET|HEAD|POST|PUT|PATCH|DELETE) \S+) HTTP\/1\.1" (\d{3})/g;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function answers(url: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (
      await fetch(url).then(
        () => true,
        () => false,
      )
    )
      return;
    await sleep(50);
  }
  throw new Error(`no registry at ${url} within 10 s`);
}

/** Skopeo's view of an image, as JSON; throws with what it printed when it refuses the image. */
export function skopeoInspect(reference: string, ...flags: string[]): unknown {
  const { status, stdout, stderr } = spawnSync(
    'skopeo',
    ['inspect', '--tls-verify=false', ...flags, `docker://${reference}`],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
