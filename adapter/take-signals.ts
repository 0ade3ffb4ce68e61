import { constants } from 'node:os';

/**
 * Receives signals in place of their other listeners in this process, which may be an app's. Must be called before any
 * other listener is added: Node.js calls the function that was `process.emit` at the first listener of a signal
 * (startListeningIfSignal in Node's lib/internal/process/signal.js).
 *
 * @returns passes a signal on to the other listeners. False if there are none.
 */
export function takeSignals(
  signals: ReadonlySet<NodeJS.Signals>,
  take: (signal: NodeJS.Signals) => void,
): (signal: NodeJS.Signals) => boolean {
  const emit = process.emit.bind(process) as (name: string | symbol, ...details: unknown[]) => boolean;
  const taken: ReadonlySet<unknown> = signals;
  const takeOrEmit = (name: string | symbol, ...details: unknown[]): boolean => {
    if (!taken.has(name)) return emit(name, ...details);
    take(name as NodeJS.Signals);
    return true;
  };
  Object.assign(process, { emit: takeOrEmit });
  for (const signal of signals) process.on(signal, ignore);
  return (signal) => {
    // An app may have removed every listener before it added its own.
    const hasOthers = process.listeners(signal).some((listener) => listener !== ignore);
    return hasOthers && emit(signal, signal, constants.signals[signal]);
  };
}

function ignore(): void {
  // Without a listener, Node.js would not receive the signal.
}
