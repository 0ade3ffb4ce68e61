import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { execaSync } from 'execa';
import { withLock } from '../../../../cli/launch/lock.cjs';

/** Later releases need Node 21. Only the test that needs it installs it, because it has 295 packages (186 MB). */
const release = '3.35.0';
const folder = join(import.meta.dirname, '../../../../.cache', `azurite-${release}`);
const main = join(folder, 'node_modules/azurite/dist/src/queue/main.js');

/** Installs Azurite if no earlier run has done so. Waits for another process that does. Throws npm's message. */
export function installAzurite(): void {
  mkdirSync(dirname(folder), { recursive: true });
  withLock(
    `${folder}.lock`,
    () => undefined,
    () => {
      if (existsSync(main)) return;
      const options = ['--no-audit', '--no-fund', '--ignore-scripts'];
      execaSync('npm', ['install', '--prefix', folder, `azurite@${release}`, ...options]);
    },
  );
}

export interface Azurite {
  /** Connection string of the well-known development account, for the storage SDK. */
  readonly connectionString: string;
  close(): Promise<void>;
}

/** Starts the queue service of Microsoft's storage emulator, in memory. */
export async function startAzurite(): Promise<Azurite> {
  const options = ['--queueHost', '127.0.0.1', '--queuePort', '0', '--inMemoryPersistence', '--skipApiVersionCheck'];
  const child = spawn(process.execPath, [main, ...options, '--disableTelemetry'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  for await (const line of createInterface(child.stdout)) {
    const [, endpoint] = /listens on (http:\S+)/.exec(line) ?? [];
    if (endpoint === undefined) continue;
    child.stdout.resume();
    return {
      connectionString: `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${key};QueueEndpoint=${endpoint}/${account};`,
      close: async () => {
        child.kill();
        await exited;
      },
    };
  }
  throw new Error('azurite ended before it listened');
}

/** The public development account in Microsoft's documentation (storage-use-azurite). */
const account = 'devstoreaccount1';
const key = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
