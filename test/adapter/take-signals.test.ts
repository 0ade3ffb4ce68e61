import { constants } from 'node:os';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takeSignals } from '../../adapter/take-signals.ts';

// The signal is emitted, and not sent: Node.js emits a signal in the same way.
const signal = 'SIGUSR2';
const { emit } = process;
let seen: string[];
let passOn: (name: NodeJS.Signals) => boolean;

beforeEach(() => {
  seen = [];
  passOn = takeSignals(new Set([signal]), (name) => seen.push(`taken ${name}`));
});
afterEach(() => {
  Object.assign(process, { emit });
  process.removeAllListeners(signal);
});

test('a signal comes to the taker alone, and to the other listeners once it is passed on', () => {
  process.on(signal, (name: string, value: number) => seen.push(`app ${name} ${value}`));
  receive();
  expect(seen).toEqual(['taken SIGUSR2']);
  expect(passOn(signal)).toBe(true);
  expect(seen).toEqual(['taken SIGUSR2', `app SIGUSR2 ${constants.signals[signal]}`]);
});

test('a signal without other listeners is not passed on', () => {
  receive();
  expect(passOn(signal)).toBe(false);
});

test('an app that removes all listeners before it adds its own gets the signal as well', () => {
  process.removeAllListeners(signal).on(signal, () => seen.push('app'));
  receive();
  expect(passOn(signal)).toBe(true);
  expect(seen).toEqual(['taken SIGUSR2', 'app']);
});

function receive(): void {
  (process.emit as (name: string, ...details: unknown[]) => boolean)(signal, signal, constants.signals[signal]);
}
