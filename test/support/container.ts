import { docker } from './docker.ts';
import { eventually } from './eventually.ts';

/** A container with OpenWhisk's action interface. */
export interface ActionContainer {
  readonly id: string;
  /** Its URL on Docker's network. As for an invoker, connections are refused until it listens. */
  readonly url: string;
  /** POSTs /init when the container listens, like an invoker. Rejects with its logs unless it answers 200. */
  init(): Promise<void>;
  /** POSTs /run with these parameters. Resolves with the reply's JSON. */
  run(parameters: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** The container's output so far. */
  logs(): Promise<string>;
  readonly close: () => Promise<void>;
}

/** Starts an image like the strictest OpenWhisk operator. */
export async function startAction(image: string, ...options: readonly string[]): Promise<ActionContainer> {
  const { id, address, close } = await startStrictContainer(image, ...options);
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

/** A running container, and its address on Docker's own network. */
export interface Container {
  readonly id: string;
  readonly address: string;
  readonly close: () => Promise<void>;
}

/**
 * Starts a container with an arbitrary user, a read-only file system, no privileges and 512 MB, unless options of
 * docker run override that.
 *
 * @param image or the image and a command for it
 */
export async function startStrictContainer(
  image: string | readonly [image: string, ...command: string[]],
  ...options: readonly string[]
): Promise<Container> {
  const limits = ['--read-only', '--user', '65123:65123', '--memory', '512m'];
  return startContainer(image, ...limits, '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', ...options);
}

export async function startContainer(
  image: string | readonly [image: string, ...command: string[]],
  ...options: readonly string[]
): Promise<Container> {
  const id = await docker('run', '--detach', ...options, ...[image].flat());
  const address = await docker('inspect', '--format', '{{.NetworkSettings.IPAddress}}', id);
  return { id, address, close: async () => void (await docker('rm', '--force', '--volumes', id)) };
}

/** Retries a call until something listens, for up to a minute. */
export async function whenListening<Reply>(call: () => Promise<Reply>): Promise<Reply> {
  return eventually('the container answers a call', call, undefined, 60);
}

async function post(url: string, body: unknown): Promise<Response> {
  return fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
}
