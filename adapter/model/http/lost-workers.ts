import { codeOf } from '../../../core/errors.ts';
import { connects } from './port.ts';

/** Notices that a server has lost a process without which it answers no more. */
export interface LostWorkers {
  /** Resolves with the problem, to follow "the model server" in a message. Never rejects. */
  readonly ending: Promise<string>;
  /** Whether a process that ran when the server became ready has ended. */
  hasLost(): Promise<boolean>;
  /** Reports a call. The result reports its end; further calls of it do nothing. */
  callBegan(): () => void;
  stop(): void;
}

export interface LostWorkersOptions {
  readonly host: string;
  readonly port: number;
  /** The running processes of the server. */
  readonly processes: () => Promise<readonly number[]>;
}

/**
 * LitServe ends when one of its workers has ended: it takes no more connections, and waits for the calls in progress,
 * half a minute for those that the dead worker had. Such a server is reported at once. A server that takes no more
 * connections and has all its processes finishes its calls and ends by itself; one that lost a process and takes
 * connections replaces it by itself.
 */
export function watchLostWorkers({ host, port, processes }: LostWorkersOptions): LostWorkers {
  let report: ((what: string) => void) | undefined;
  const ending = new Promise<string>((resolve) => (report = resolve));
  const atReady = processes();
  let calls = 0;
  let timer: NodeJS.Timeout | undefined;

  const hasLost = async (): Promise<boolean> => {
    const [before, now] = await Promise.all([atReady, processes().then((pids) => new Set(pids))]);
    return before.some((pid) => !now.has(pid));
  };
  const look = async (): Promise<void> => {
    if (!(await refuses(host, port)) || !(await hasLost())) return;
    report?.('lost one of its processes, and no longer accepts connections');
  };
  const stop = (): void => {
    clearInterval(timer);
    timer = undefined;
  };

  return {
    ending,
    hasLost,
    callBegan() {
      calls += 1;
      timer ??= setInterval(() => void look(), period).unref();
      let ended = false;
      return () => {
        if (ended) return;
        ended = true;
        calls -= 1;
        if (calls === 0) stop();
      };
    },
    stop,
  };
}

async function refuses(host: string, port: number): Promise<boolean> {
  return connects(host, port, period).then(
    () => false,
    (error: unknown) => codeOf(error) === 'ECONNREFUSED',
  );
}

/** Milliseconds between two looks while a call waits. */
const period = 1000;
