import { HttpTransportType, type HubConnection, HubConnectionBuilder, LogLevel } from '@microsoft/signalr';
import { useEffect, useState } from 'preact/hooks';

/** A message of the hub about a new result. */
export interface Result {
  /** Counted from 1. */
  readonly number: number;
  /** When it came, in epoch milliseconds. */
  readonly end: number;
  /** What the adapter sends: the model's result with `predictedTagName` and, if known, `url`. */
  readonly message: Readonly<Record<string, unknown>>;
}

/** The results since the page was opened. */
export interface Results {
  /** Why there is no connection. Undefined if there is one. */
  readonly problem: string | undefined;
  /** Newest first, at most `KEPT`. */
  readonly results: readonly Result[];
  readonly total: number;
}

const KEPT = 2000;
/** Milliseconds. */
const RETRY_AFTER = 5000;

/** Follows the hub of a function app. Connects again after an interruption. */
export function useResults(app: string): Results {
  const [state, setState] = useState<Results>({ problem: `connecting to ${app} …`, results: [], total: 0 });
  useEffect(() => {
    const setProblem = (problem: string | undefined): void => setState((before) => ({ ...before, problem }));
    const connection = new HubConnectionBuilder()
      .withUrl(`${app}/api`, { transport: HttpTransportType.WebSockets | HttpTransportType.ServerSentEvents })
      .withAutomaticReconnect({ nextRetryDelayInMilliseconds: () => RETRY_AFTER })
      .configureLogging(LogLevel.None)
      .build();
    connection.on('newResult', (message: Result['message']) => setState((before) => added(before, message)));
    connection.onreconnecting((error) => setProblem(`connecting again … ${error?.message ?? ''}`));
    connection.onreconnected(() => setProblem(undefined));
    const ended = new AbortController();
    void start(connection, app, setProblem, ended.signal);
    return () => {
      ended.abort();
      void connection.stop();
    };
  }, [app]);
  return state;
}

async function start(
  connection: HubConnection,
  app: string,
  setProblem: (problem: string | undefined) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await connection.start();
      setProblem(undefined);
      return;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      setProblem(`Cannot connect to ${app}: ${reason} This is tried again every ${RETRY_AFTER / 1000} s.`);
      await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER));
    }
  }
}

function added({ problem, results, total }: Results, message: unknown): Results {
  const given = typeof message === 'object' && message !== null ? (message as Result['message']) : {};
  const result = { number: total + 1, end: Date.now(), message: given };
  return { problem, results: [result, ...results].slice(0, KEPT), total: total + 1 };
}
