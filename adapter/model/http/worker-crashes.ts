import { setTimeout as sleep } from 'node:timers/promises';

/** Notices that a server's workers cannot start. */
export interface WorkerCrashes {
  /** Resolves with the problem, to follow "the model server" in a message. Never rejects. */
  readonly failing: Promise<string>;
  /** Takes a line that the server or one of its workers wrote. */
  take(line: string): void;
  stop(): void;
}

/**
 * TorchServe, BentoML, uvicorn and gunicorn start a worker again whenever it ends, even if it never gets beyond its
 * imports; meanwhile they do not become ready, or do not answer. Their health routes do not distinguish that from a
 * slow start. What they have in common: the same error is logged again and again, and each time a process ends that was
 * started by the same command as the one before it. Neither alone is enough: servers log an error for each attempt to
 * reach something that is not there yet, and start scripts run `sleep 1` in a loop.
 *
 * Processes are looked at only after an error was logged, so a server that starts well costs nothing.
 *
 * @param processes the running processes of the server, with their commands
 */
export function watchWorkerCrashes(processes: () => Promise<ReadonlyMap<number, string>>): WorkerCrashes {
  let report: ((what: string) => void) | undefined;
  const failing = new Promise<string>((resolve) => (report = resolve));
  const stopped = new AbortController();
  const errors = new Map<string, Occurrences>();
  const running = new Map<number, Worker>();
  /** How often a process of a command has ended before the next one was seen. */
  const generations = new Map<string, number>();
  let lastError = 0;
  let lastReplacedEnd = 0;
  let looking = false;

  const decide = (): void => {
    const repeated = [...errors.values()].find(({ count, last }) => {
      return count >= patience && Math.abs(lastReplacedEnd - last) <= together;
    });
    if (repeated === undefined) return;
    report?.(`cannot start its workers: they ended ${repeated.count} times, each time after the same error`);
    stopped.abort();
  };

  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    while (!stopped.signal.aborted && performance.now() - lastError < memory) {
      const now = await processes();
      for (const [pid, { command, generation }] of running) {
        if (now.has(pid)) continue;
        running.delete(pid);
        generations.set(command, Math.max(generation, generations.get(command) ?? 0));
        if (generation > 1) lastReplacedEnd = performance.now();
      }
      for (const [pid, command] of now) {
        // A process has its parent's command until it runs its own program.
        if (running.get(pid)?.command === command) continue;
        running.set(pid, { command, generation: (generations.get(command) ?? 0) + 1 });
      }
      decide();
      await sleep(pause, undefined, { signal: stopped.signal, ref: false }).catch(() => undefined);
    }
    looking = false;
  };

  return {
    failing,
    take(line) {
      if (stopped.signal.aborted) return;
      const start = line.slice(0, 300);
      if (!crash.test(start) || unreachable.test(start)) return;
      lastError = performance.now();
      const key = start.replaceAll(/\d+/g, '0');
      const count = (errors.get(key)?.count ?? 0) + 1;
      if (count > 1 || errors.size < mostErrors) errors.set(key, { count, last: lastError });
      void look();
    },
    stop: () => {
      // Each answered call stops it. Node.js needs 20 µs to make the reason of an abort, also of a second one.
      if (!stopped.signal.aborted) stopped.abort();
    },
  };
}

interface Occurrences {
  readonly count: number;
  /** By performance.now(). */
  readonly last: number;
}

interface Worker {
  readonly command: string;
  /** 1 for a process that replaced no other, as far as was seen. */
  readonly generation: number;
}

/** How programs end in common languages, and how process managers tell it. */
const crash =
  /\b[A-Z]\w*(?:Error|Exception)\b|\bError:|\bpanic: |\bpanicked at\b|\bterminate called\b|[Ss]egmentation fault|error while loading shared libraries|\bwas sent SIG|\bprocess died\b|\bFATAL\b/;
/** What a server waits for, and retries to reach, may come up later. */
const unreachable =
  /\bconnect(?:ion|ing|ed)?\b|Connect(?:ion)?\w*Error|refused|timed? ?out|unreachable|\bresolv|resolution/i;

/** How often the same error ends the wait. */
const patience = 4;
/** Milliseconds between an error and the end of its process, as they are seen here. */
const together = 2000;
/** Milliseconds between two looks at the processes. */
const pause = 100;
/** Milliseconds after an error for which processes are looked at. TorchServe pauses up to 5 s before the fifth attempt. */
const memory = 30_000;
const mostErrors = 100;
