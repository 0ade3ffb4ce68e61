import { send, type Received } from '../../gateway/support/send.ts';
import { startAdapter, type AdapterProcess } from '../../adapter/start-adapter.ts';
import type { ServerSetting } from './rows.ts';

/** An adapter process that is replaced if an input ends it, so that a failing input can be shrunk. */
export interface Subject {
  /** Posts bytes to `/init` or `/run` on a new connection, like the invoker. */
  readonly post: (path: '/init' | '/run', body: string | Uint8Array) => Promise<Received>;
  /** Replaces the process, for an input that needs a new one. */
  readonly renew: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export function createSubject({ row, environment }: ServerSetting): Subject {
  let current: Promise<AdapterProcess> | undefined;
  const start = async (): Promise<AdapterProcess> => startAdapter(row, { MODELWHISK_LOG: 'off', ...environment });
  const renew = async (): Promise<void> => {
    const old = current;
    current = undefined;
    await (await old)?.stop('SIGKILL');
  };
  return {
    async post(path, body) {
      current ??= start();
      const { port } = await current;
      try {
        return await send(`http://127.0.0.1:${port}${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
        });
      } catch (error) {
        const { stderr } = (await current).output();
        await renew();
        throw new Error(`no reply: ${String(error)}\n${stderr.slice(-2000)}`, { cause: error });
      }
    },
    renew,
    close: renew,
  };
}
