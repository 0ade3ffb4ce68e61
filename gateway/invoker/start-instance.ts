import { createServer } from 'node:net';
import { execa } from 'execa';
import type { Action } from '../action.ts';
import type { InstanceSource } from '../instance-source.ts';
import { startDockerInstance } from './docker-instance.ts';
import type { Instance } from './instance.ts';
import { processEnvironment } from './process-environment.ts';
import { LogCollector, type LogLine } from './logs.ts';

/** Starts an instance, or connects to a running container. Rejects if it cannot be started. */
export async function startInstance(
  { source, limits }: Action,
  environment: Readonly<Record<string, string>>,
  onLine: (line: LogLine) => void,
): Promise<Instance> {
  switch (source.kind) {
    case 'process':
      return startProcess(source, environment, onLine);
    case 'container':
      return externalContainer(source.url);
    case 'workers':
      throw new TypeError('workers run already');
    case 'image':
      return startDockerInstance(source, limits.memory, environment, onLine);
  }
}

async function startProcess(
  source: Extract<InstanceSource, { kind: 'process' }>,
  environment: Readonly<Record<string, string>>,
  onLine: (line: LogLine) => void,
): Promise<Instance> {
  const port = await freePort();
  const child = execa(source.command, source.arguments, {
    cwd: source.directory,
    // The developer is the caller here, so an error reply may contain the model server's output.
    env: {
      ...processEnvironment(process.env),
      MODELWHISK_ERROR_OUTPUT: 'reply',
      ...environment,
      ...source.environment,
      // Only the gateway calls it.
      MODELWHISK_ADDRESS: '127.0.0.1',
      MODELWHISK_PORT: String(port),
    },
    extendEnv: false,
    stdin: 'ignore',
    buffer: false,
    reject: false,
  });
  const logs = new LogCollector(onLine);
  logs.read('stdout', child.stdout);
  logs.read('stderr', child.stderr);
  const gone = new AbortController();
  const exit = child.then((result) => {
    gone.abort(new Error(result.shortMessage ?? `${source.command} has ended`));
    return result;
  });
  if (child.pid === undefined) throw new Error((await exit).shortMessage ?? `cannot start ${source.command}`);
  return {
    url: new URL(`http://127.0.0.1:${port}`),
    gone: gone.signal,
    takeLogs: (activationId) => logs.take(activationId),
    destroy: async () => {
      child.kill('SIGKILL');
      await exit;
    },
  };
}

/** A container that the gateway did not start. It can neither read its output nor remove it. */
function externalContainer(url: URL): Instance {
  const gone = new AbortController();
  return {
    url,
    gone: gone.signal,
    takeLogs: async () => [],
    destroy: async () => gone.abort(),
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
