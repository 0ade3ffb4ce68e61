import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { activationMarker, LogCollector } from '../../../gateway/invoker/logs.ts';

function start() {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const collector = new LogCollector(() => undefined);
  collector.read('stdout', stdout);
  collector.read('stderr', stderr);
  const write = (stream: PassThrough, ...lines: readonly string[]): void => void stream.write(`${lines.join('\n')}\n`);
  const take = async (id: string): Promise<string[]> =>
    (await collector.take(id)).map((line) => line.replace(/^\S+ +/, ''));
  return {
    take,
    out: (...lines: readonly string[]) => write(stdout, ...lines),
    error: (...lines: readonly string[]) => write(stderr, ...lines),
  };
}

const line = (id: string): string => JSON.stringify({ activationId: id });

describe('the lines of an activation', () => {
  test('are those up to its marker on either stream, however the streams are interleaved', async () => {
    const { out, error, take } = start();
    out('one', activationMarker, 'two', activationMarker);
    error(activationMarker, 'of two', activationMarker);
    expect(await take('a')).toEqual(['stdout: one']);
    expect(await take('b')).toEqual(['stdout: two', 'stderr: of two']);
  });

  test('are its own if the adapter names it, in any order of requests', async () => {
    const { out, error, take } = start();
    out('one', line('a'), activationMarker, 'two', line('b'), activationMarker);
    error('of one', activationMarker, 'of two', activationMarker);
    expect(await take('b')).toEqual(['stdout: two', `stdout: ${line('b')}`, 'stderr: of two']);
    expect(await take('a')).toEqual(['stdout: one', `stdout: ${line('a')}`, 'stderr: of one']);
  });

  test('are waited for', async () => {
    const { out, error, take } = start();
    out(line('a'), activationMarker);
    error(activationMarker);
    const taken = take('b');
    out('two', line('b'), activationMarker);
    setTimeout(() => error(activationMarker), 20);
    expect(await taken).toEqual(['stdout: two', `stdout: ${line('b')}`]);
    expect(await take('a')).toEqual([`stdout: ${line('a')}`]);
  });

  test('are all there are of an image that writes no markers', async () => {
    const { out, error, take } = start();
    out('one');
    error('two');
    expect(await take('a')).toEqual(['stdout: one', 'stderr: two']);
    expect(await take('b')).toEqual([]);
  });
});
