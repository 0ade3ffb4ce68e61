import { expect, test } from 'vitest';
import { signalName, signalNumber } from '../../core/signal.ts';

test.each([
  ['SIGTERM', 15, 'SIGTERM'],
  ['SIGQUIT', 3, 'SIGQUIT'],
  ['QUIT', 3, 'SIGQUIT'],
  ['sigwinch', 28, 'SIGWINCH'],
  ['3', 3, 'SIGQUIT'],
  ['SIGRTMIN+3', 37, undefined],
  ['RTMAX-2', 62, undefined],
  ['SIGRTMIN', 34, undefined],
  ['37', 37, undefined],
  ['SIGNAL', undefined, undefined],
  ['', undefined, undefined],
])('the stop signal %j is number %s, to Node.js %s', (text, number, name) => {
  expect(signalNumber(text)).toBe(number);
  expect(signalName(number ?? 0)).toBe(name);
});
