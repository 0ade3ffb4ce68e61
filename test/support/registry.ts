import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface TestRegistry {
  /** "127.0.0.1:PORT": Docker speaks plain HTTP to loopback addresses. */
  readonly host: string;
  close(): Promise<void>;
}

/**
 * Starts the CNCF's registry (Debian package docker-registry) on a free loopback port, with storage that goes away.
 *
 * @param options.htpasswd lines of an htpasswd file with bcrypt hashes; left out, anyone may push
 */
export async function startRegistry(options: { readonly htpasswd?: string } = {}): Promise<TestRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-registry-'));
  const passwords = join(folder, 'htpasswd');
  await writeFile(passwords, options.htpasswd ?? '');
  const configuration = {
    version: '0.1',
    log: { level: 'info', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(folder, 'data') }, delete: { enabled: true } },
    http: { addr: '127.0.0.1:0' },
    ...(options.htpasswd === undefined ? {} : { auth: { htpasswd: { realm: 'test', path: passwords } } }),
  };
  const file = join(folder, 'config.json');
  // YAML, which the registry reads, includes JSON.
  await writeFile(file, JSON.stringify(configuration));
  const server = spawn('docker-registry', ['serve', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  const close = async (): Promise<void> => {
    await stop(server);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    return { host: `127.0.0.1:${await listeningPort(server)}`, close };
  } catch (error) {
    await close();
    throw error;
  }
}

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
