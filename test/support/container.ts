import { setTimeout as delay } from 'node:timers/promises';
import { docker } from './docker.ts';

/** A container that speaks OpenWhisk's action protocol. */
export interface ActionContainer {
  readonly id: string;
  /** Where the container answers, on Docker's own network: refused until it listens, as an invoker sees it. */
  readonly url: string;
  /** POST /init. Waits until the container listens, as an invoker does; rejects with its logs unless it answers 200. */
  init(): Promise<void>;
  /** POST /run with these parameters, and the reply's JSON. */
  run(parameters: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** What the container printed so far. */
  logs(): Promise<string>;
  readonly close: () => Promise<void>;
}

/**
 * Starts an image as an OpenWhisk operator would at the strictest: any user, nothing writable, no privileges, 512 MB
 * unless options of docker run say otherwise.
 */
export async function startAction(image: string, ...options: readonly string[]): Promise<ActionContainer> {
  const strict = [
    '--read-only',
    '--user',
    '65123:65123',
    '--memory',
    '512m',
    '--cap-drop',
    'ALL',
    '--security-opt',
    'no-new-privileges',
  ];
  const { id, address, close } = await startContainer(image, ...strict, ...options);
  const url = `http://${address}:8080`;
  return {
    id,
    url,
    async init() {
      const reply = await whenListening(async () => post(`${url}/init`, { value: { name: 'test', main: 'main' } }));
      if (reply.status !== 200) throw new Error(`${await reply.text()}\n${await docker('logs', id)}`);
    },
    run: async (value) => (await post(`${url}/run`, { value })).json(),
    logs: async () => docker('logs', id),
    close,
  };
}

/** Starts a container and tells its address on Docker's own network. */
export async function startContainer(
  image: string,
  ...options: readonly string[]
): Promise<{ readonly id: string; readonly address: string; readonly close: () => Promise<void> }> {
  const id = await docker('run', '--detach', ...options, image);
  const address = await docker('inspect', '--format', '{{.NetworkSettings.IPAddress}}', id);
  return { id, address, close: async () => void (await docker('rm', '--force', '--volumes', id)) };
}

/** Calls again until somebody listens, for up to a minute. */
export async function whenListening(call: () => Promise<Response>): Promise<Response> {
  const end = Date.now() + 60_000;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (Date.now() > end) throw error;
      await delay(100);
    }
  }
}

async function post(url: string, body: unknown): Promise<Response> {
  return fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
}
