import { describe, expect, test } from 'vitest';
import { createLineSplitter, createTail } from '../../../../adapter/model/http/output.ts';

describe('createLineSplitter', () => {
  test.each<[string, (string | number[])[], string[]]>([
    ['one line per line end', ['a\nb\n'], ['a', 'b']],
    ['empty lines are lines', ['a\n\nb\n'], ['a', '', 'b']],
    ['a line written in parts is one line', ['a', 'b', '\n'], ['ab']],
    ['CRLF is one line end, also when split', ['a\r\nb\r', '\nc\n'], ['a', 'b', 'c']],
    ['a lone carriage return ends a line, as in progress bars', ['10%\r20%\r', '30%\n'], ['10%', '20%', '30%']],
    ['the rest without a line end comes last', ['a\nrest'], ['a', 'rest']],
    ['no output is no line', [], []],
    ['a character split between writes is whole', [[0xc3], [0xa9, 0x0a]], ['é']],
    ['bytes that are not UTF-8 do not stop the output', [[0x61, 0xff, 0x0a]], ['a\ufffd']],
  ])('%s', (_, writes, expected) => {
    const lines: string[] = [];
    const splitter = createLineSplitter((line) => lines.push(line));
    for (const bytes of writes) splitter.write(Buffer.from(bytes as string));
    splitter.end();
    expect(lines).toEqual(expected);
  });

  test('output without line breaks is emitted in limited pieces, without loss', () => {
    const lines: string[] = [];
    const splitter = createLineSplitter((line) => lines.push(line));
    for (let count = 0; count < 100; count += 1) splitter.write(Buffer.alloc(10_000, 'x'));
    expect(lines.join('').length).toBeGreaterThan(1_000_000 - 270_000);
    splitter.end();
    expect(lines.join('').length).toBe(1_000_000);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(262_144);
  });

  test('a line that arrives a character at a time takes no more time per character the longer it gets', () => {
    const milliseconds = (writes: number): number => {
      const splitter = createLineSplitter(() => undefined);
      const part = Buffer.from('.');
      const began = performance.now();
      for (let count = 0; count < writes; count += 1) splitter.write(part);
      return performance.now() - began;
    };
    milliseconds(1000);
    // A splitter that searches the whole line each time takes a hundred times as long for ten times as many.
    expect(milliseconds(200_000)).toBeLessThan(10 * milliseconds(20_000) + 500);
  });
});

test('createTail keeps the last lines, and truncates long ones', () => {
  const tail = createTail(2);
  for (const line of ['one', 'two', 'x'.repeat(5000)]) tail.push(line);
  expect(tail.toString()).toBe(`two\n${'x'.repeat(1000)}`);
});
