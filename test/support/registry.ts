import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface TestRegistry {
  /** "127.0.0.1:PORT". Docker uses plain HTTP for loopback addresses. */
  readonly host: string;
  /** The registry's own access log: "POST /v2/… 201". */
  access(): readonly string[];
  close(): Promise<void>;
}

export interface TestRegistryOptions {
  /** Lines of an htpasswd file with bcrypt hashes. Default: anyone may push. */
  readonly htpasswd?: string;
  /** The `auth` section of its configuration. */
  readonly auth?: object;
  /** Folder of its data, which is kept. Default: a temporary folder. */
  readonly data?: string;
}

/** Starts the CNCF's registry (Debian package docker-registry) on a free loopback port. */
export async function startRegistry(options: TestRegistryOptions = {}): Promise<TestRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-registry-'));
  const passwords = join(folder, 'htpasswd');
  await writeFile(passwords, options.htpasswd ?? '');
  const auth = options.htpasswd === undefined ? options.auth : { htpasswd: { realm: 'test', path: passwords } };
  const configuration = {
    version: '0.1',
    storage: { filesystem: { rootdirectory: options.data ?? join(folder, 'data') }, delete: { enabled: true } },
    http: { addr: '127.0.0.1:0' },
    // The registry accepts foreign layers only from the configured URLs.
    validation: { manifests: { urls: { allow: ['^https://example\\.com/'] } } },
    ...(auth === undefined ? {} : { auth }),
  };
  const file = join(folder, 'config.json');
  // The registry reads YAML, which includes JSON.
  await writeFile(file, JSON.stringify(configuration));
  const server = spawn('docker-registry', ['serve', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  server.stdout.setEncoding('utf8').on('data', (text: string) => (log += text));
  const access = (): string[] => [...log.matchAll(accessLine)].map((line) => `${line[1] ?? ''} ${line[2] ?? ''}`);
  const close = async (): Promise<void> => {
    await stop(server);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    return { host: `127.0.0.1:${await listeningPort(server)}`, access, close };
  } catch (error) {
    await close();
    throw error;
  }
}

const accessLine = /"([A-Z]+ \S+) HTTP\/1\.1" (\d{3})/g;

async function listeningPort(server: ChildProcess): Promise<string> {
  const lines: string[] = [];
  if (server.stderr !== null) {
    for await (const line of createInterface({ input: server.stderr })) {
      lines.push(line);
      const port = /listening on 127\.0\.0\.1:(\d+)/.exec(line)?.[1];
      if (port !== undefined) {
        server.stderr.resume();
        return port;
      }
    }
  }
  throw new Error(`docker-registry did not start:\n${lines.join('\n')}`);
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  server.kill();
  await once(server, 'exit');
}
