import { constants } from 'node:os';

/**
 * The number of a signal, named as in an image's configuration: for example "SIGQUIT", "QUIT", "3" or "SIGRTMIN+3"
 * (Dockerfile reference, STOPSIGNAL). Undefined for an unknown name.
 */
export function signalNumber(text: string): number | undefined {
  const name = text.toUpperCase().replace(/^SIG/, '');
  if (/^\d+$/.test(name)) return Number(name);
  const [, end, offset = '0'] = /^RT(MIN|MAX)(?:[+-](\d+))?$/.exec(name) ?? [];
  if (end !== undefined) return end === 'MIN' ? firstRealTime + Number(offset) : lastRealTime - Number(offset);
  return constants.signals[`SIG${name}` as NodeJS.Signals];
}

/** Node.js's name of a signal. Undefined for signals that Node.js does not know, such as real-time signals. */
export function signalName(number: number): NodeJS.Signals | undefined {
  const names = Object.entries(constants.signals) as [NodeJS.Signals, number][];
  return names.find(([, each]) => each === number)?.[0];
}

/** The numbers of glibc and container engines (signal(7)). */
const firstRealTime = 34;
const lastRealTime = 64;
