import { expect, test } from 'vitest';
import { eventually } from './eventually.ts';

test('eventually resolves with the first answer that is accepted, after any errors', async () => {
  const answers = ['no', 'yes', 'yes again'];
  const ask = (): string => {
    if (answers.length === 3) {
      answers.shift();
      throw new Error('not yet');
    }
    return answers.shift() ?? '';
  };
  await expect(eventually('it is yes', ask, (answer) => answer.startsWith('yes'))).resolves.toBe('yes');
});

test.each([
  ['answers', () => 7, 'the last answer was 7'],
  ['throws', () => Promise.reject(new Error('refused')), 'the last error was refused'],
  ['never answers', () => new Promise(() => undefined), 'there was no answer'],
])('eventually rejects in time with the awaited state, if the question %s', async (_, ask, last) => {
  const waiting = eventually('the port is open', ask, () => false, 0.1);
  await expect(waiting).rejects.toThrow(`waited 0.1 s in vain until the port is open; ${last}`);
});
