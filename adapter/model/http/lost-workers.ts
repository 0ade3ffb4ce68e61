import { codeOf } from '../../../core/errors.ts';
import { connects } from './port.ts';
import type { Probe } from './probe.ts';

/** Notices that a server has lost a process without which it answers no more. */
export interface LostWorkers {
  /** Resolves with the problem, to follow "the model server" in a message. Never rejects. */
  readonly ending: Promise<string>;
  /** Whether a process that ran when the server became ready has ended, and was not replaced. */
  hasLost(): Promise<boolean>;
  /** Takes a line that the server wrote. */
  take(line: string): void;
  /** Reports a call. The result reports its end; further calls of it do nothing. */
  callBegan(): () => void;
  stop(): void;
}

export interface LostWorkersOptions {
  readonly host: string;
  readonly port: number;
  /** Whether the server still responds. */
  readonly liveness: Probe;
  /** The running processes of the server, with their commands. */
  readonly processes: () => Promise<ReadonlyMap<number, string>>;
}

/**
 * LitServe ends when one of its workers has ended: it answers no new connections, and waits half a minute for the calls
 * in progress, which the dead worker had. A server is reported if it has lost a process, and either its port is closed,
 * or its log tells of a death and it does not respond, twice in a row.
 *
 * Each of these alone is normal: a server that was told to end finishes its calls with its port closed, one with a
 * single thread does not respond while it computes, and others replace a worker that died.
 */
export function watchLostWorkers({ host, port, liveness, processes }: LostWorkersOptions): LostWorkers {
  let report: ((what: string) => void) | undefined;
  const ending = new Promise<string>((resolve) => (report = resolve));
  const atReady = processes();
  let calls = 0;
  let timer: NodeJS.Timeout | undefined;
  let toldOfDeath = false;
  let looking = false;
  let silences = 0;

  const hasLost = async (): Promise<boolean> => {
    const [before, now] = await Promise.all([atReady, processes()]);
    return [...before].some(([pid, command]) => !now.has(pid) && count(now, command) < count(before, command));
  };
  const problem = async (): Promise<string | undefined> => {
    const isClosed = await refuses(host, port);
    if ((!isClosed && !toldOfDeath) || !(await hasLost())) return undefined;
    if (isClosed) return 'no longer accepts connections';
    silences = (await liveness(period)).state === 'silent' ? silences + 1 : 0;
    return silences > 1 ? 'does not respond' : undefined;
  };
  const look = async (): Promise<void> => {
    // The end of a call leaves the timer to the next one: many short calls need no timer each.
    if (calls === 0) return stop();
    if (looking) return;
    looking = true;
    const what = await problem();
    if (what !== undefined) report?.(`lost one of its processes, and ${what}`);
    looking = false;
  };
  const stop = (): void => {
    clearInterval(timer);
    timer = undefined;
  };

  return {
    ending,
    hasLost,
    take(line) {
      toldOfDeath ||= death.test(line.slice(0, 300));
    },
    callBegan() {
      calls += 1;
      timer ??= setInterval(() => void look(), period).unref();
      let ended = false;
      return () => {
        if (ended) return;
        ended = true;
        calls -= 1;
      };
    },
    stop,
  };
}

function count(processes: ReadonlyMap<number, string>, command: string): number {
  return [...processes.values()].filter((each) => each === command).length;
}

async function refuses(host: string, port: number): Promise<boolean> {
  return connects(host, port, period).then(
    () => false,
    (error: unknown) => codeOf(error) === 'ECONNREFUSED',
  );
}

/** How process managers tell that a process has ended: LitServe, gunicorn, uvicorn, circus, supervisord. */
const death = /\b(died|dead|crashed|was sent SIG[A-Z]+|exited unexpectedly|shutting down)\b/i;

/** Milliseconds between two looks while a call waits. */
const period = 1000;
