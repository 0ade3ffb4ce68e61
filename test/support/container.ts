import { docker } from './docker.ts';

/** A container that speaks OpenWhisk's action protocol. */
export interface ActionContainer {
  /** POST /init. Waits until the container listens, as an invoker does. */
  init(): Promise<Response>;
  /** POST /run with these parameters, and the reply's JSON. */
  run(parameters: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** What the container printed so far. */
  logs(): Promise<string>;
  close(): Promise<void>;
}

/** Starts an image as an OpenWhisk operator would at the strictest: any user, nothing writable, 512 MB, no privileges. */
export async function startAction(image: string): Promise<ActionContainer> {
  const id = await docker(
    ...['run', '--detach', '--read-only', '--user', '65123:65123', '--memory', '512m'],
    ...['--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--publish', '127.0.0.1::8080', image],
  );
  const close = async (): Promise<void> => void (await docker('rm', '--force', id));
  try {
    const url = `http://${(await docker('port', id, '8080/tcp')).split('\n')[0] ?? ''}`;
    return {
      init: async () =>
        postWhenListening(`${url}/init`, { value: { name: 'test', main: 'main', code: '', binary: false } }),
      run: async (value) => (await post(`${url}/run`, { value })).json(),
      logs: async () => docker('logs', id),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function postWhenListening(url: string, body: unknown): Promise<Response> {
  const end = Date.now() + 60_000;
  for (;;) {
    try {
      return await post(url, body);
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function post(url: string, body: unknown): Promise<Response> {
  return fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
}
