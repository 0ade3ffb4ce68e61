import { type ChildProcess, startListening } from './adapter-process.ts';

/** The adapter in its own process, as in an OpenWhisk container. */
export interface AdapterProcess extends ChildProcess {
  readonly port: number;
  post(path: string, body: unknown): Promise<{ status: number; headers: Headers; text: string; json: unknown }>;
  /** The reply to one `/run` with these parameters. */
  run(value: unknown, envelope?: Record<string, unknown>): Promise<Record<string, unknown>>;
}

/** Starts the adapter for a row like OpenWhisk, and waits until it listens. */
export async function startAdapter(
  row: object,
  environment: Readonly<Record<string, string>> = {},
): Promise<AdapterProcess> {
  const { port, adapter } = await startListening(row, (chosen) => ({ MODELWHISK_PORT: chosen, ...environment }));
  const post: AdapterProcess['post'] = async (path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', connection: 'close' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: JSON.parse(text) as unknown };
  };
  return {
    ...adapter,
    port,
    post,
    run: async (value, envelope = {}) => (await post('/run', { value, ...envelope })).json as Record<string, unknown>,
  };
}
