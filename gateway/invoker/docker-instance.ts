import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import type { InstanceSource } from '../instance-source.ts';
import { GatewayError, messages } from '../errors.ts';
import { type ContainerEnvironment, withContainerEnvironment } from './container-environment.ts';
import type { Instance } from './instance.ts';
import { LogCollector, type LogLine } from './logs.ts';
import { publishedUrl } from './published-url.ts';

/**
 * Starts a container of an image as OpenWhisk's invoker does: with a memory limit, without further privileges, paused
 * while it is idle, killed at the end. Its port is published only on loopback.
 *
 * An image is pulled only if the engine does not have it. Rejects with GatewayError if Docker does not start the
 * container in time, with code `NO_IMAGE` if the image cannot be pulled. The message contains the last output of Docker
 * or the container.
 *
 * @param memory in MB
 * @param patience milliseconds in which Docker must start the container, not counting those for pulling its image
 */
export async function startDockerInstance(
  source: Extract<InstanceSource, { kind: 'image' }>,
  memory: number,
  environment: Readonly<Record<string, string>>,
  onLine: (line: LogLine) => void,
  patience = 60_000,
): Promise<Instance> {
  return withContainerEnvironment({ ...environment, ...source.environment }, async (variables) =>
    startContainer(source, memory, variables, onLine, patience),
  );
}

async function startContainer(
  source: Extract<InstanceSource, { kind: 'image' }>,
  memory: number,
  environment: ContainerEnvironment,
  onLine: (line: LogLine) => void,
  patience: number,
): Promise<Instance> {
  const name = `modelwhisk-${randomBytes(6).toString('hex')}`;
  const words = [
    'run',
    '--rm',
    `--name=${name}`,
    '--label=modelwhisk.gateway=true',
    '--publish=127.0.0.1::8080',
    `--memory=${memory}m`,
    `--memory-swap=${memory}m`,
    ...(source.readOnly ? ['--read-only', '--tmpfs', '/tmp:rw,exec,mode=1777'] : []),
    '--security-opt=no-new-privileges',
    ...environment.options,
    source.image,
  ];
  const child = execa('docker', words, {
    env: environment.variables,
    stdin: 'ignore',
    buffer: false,
    reject: false,
    // Ctrl+C must reach only the gateway, which removes the container.
    detached: true,
  });
  const last: string[] = [];
  let isPulling = false;
  const logs = new LogCollector((line) => {
    last.push(line.text);
    if (line.text.startsWith('Unable to find image ')) isPulling = true;
    else if (line.text.startsWith('Status: ')) isPulling = false;
    if (last.length > 10) last.shift();
    onLine(line);
  });
  logs.read('stdout', child.stdout);
  logs.read('stderr', child.stderr);
  const gone = new AbortController();
  const exit = child.then((result) =>
    gone.abort(new Error(`the container has ended: ${result.exitCode ?? result.signal}`)),
  );
  const destroy = async (): Promise<void> => {
    await docker(['rm', '--force', '--volumes', name]).catch(() => undefined);
    await exit;
  };
  try {
    const url = await waitUntilPublished(name, { gone: gone.signal, patience, isPulling: () => isPulling });
    return {
      url,
      gone: gone.signal,
      takeLogs: (activationId) => logs.take(activationId),
      pause: async () => void (await docker(['pause', name])),
      resume: async () => void (await docker(['unpause', name])),
      destroy,
    };
  } catch (cause) {
    await destroy();
    if (isPulling)
      throw new GatewayError('NO_IMAGE', [messages.imagePullError(source.image), ...last].join('\n'), { cause });
    throw new GatewayError('NO_CONTAINER', [`Docker did not start ${source.image}`, ...last].join('\n'), {
      cause,
      hint: 'docker must be on the PATH and its engine must run',
    });
  }
}

interface Starting {
  readonly gone: AbortSignal;
  readonly patience: number;
  readonly isPulling: () => boolean;
}

/** Waits until Docker publishes the container's port 8080. Rejects if the container ends first, or time runs out. */
async function waitUntilPublished(name: string, { gone, patience, isPulling }: Starting): Promise<URL> {
  let waited = 0;
  for (;;) {
    gone.throwIfAborted();
    const began = performance.now();
    const url = await publishedUrl(docker, name, 8080).catch(() => undefined);
    if (url !== undefined) return url;
    if (waited >= patience) throw new Error(`the container did not run within ${patience} ms`);
    // Each look starts a process.
    await sleep(Math.min(Math.max(waited / 10, 50), 1000));
    if (!isPulling()) waited += performance.now() - began;
  }
}

async function docker(words: readonly string[]): Promise<string> {
  return (await execa('docker', words, { stdin: 'ignore' })).stdout;
}
