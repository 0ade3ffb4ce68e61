import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf, ConfigurationError, messageOf } from '../../core/errors.ts';
import { isUrl } from './body.ts';

/** One input to send: a path, or a URL that the adapter fetches. */
export interface Input {
  /** From 0, in the order of the inputs. */
  readonly index: number;
  readonly name: string;
}

export interface InputOptions {
  /** Paths and URLs. If empty, each line of `stdin` is one. */
  readonly names: readonly string[];
  readonly stdin: Readable;
  /** How often all inputs are sent. Default: once, or without end if `duration` is set. */
  readonly repeat?: number | undefined;
  /** Milliseconds after which no further input is sent. */
  readonly duration?: number | undefined;
  /** Inputs per second, evenly spaced. Default: as fast as calls end. */
  readonly rate?: number | undefined;
  /** Aborted to stop before the next input. */
  readonly signal: AbortSignal;
}

/** Checks that every input exists, before a load of many calls. Rejects with ConfigurationError. */
export async function checkFiles(names: readonly string[]): Promise<void> {
  for (const name of names) {
    if (isUrl(name)) continue;
    const reason = await stat(name).then(
      (found) => (found.isDirectory() ? 'it is a folder' : undefined),
      (error: unknown) => codeOf(error) ?? messageOf(error),
    );
    if (reason !== undefined) throw new ConfigurationError('file', name, `a file that can be read (${reason})`);
  }
}

/** Yields the inputs at the given rate, until they end, the duration is over or the signal is aborted. */
export async function* inputsOf(options: InputOptions): AsyncGenerator<Input> {
  const { duration, rate, signal } = options;
  const began = performance.now();
  const end = duration === undefined ? Number.POSITIVE_INFINITY : began + duration;
  let index = 0;
  for await (const name of namesOf(options)) {
    const due = rate === undefined ? began : began + (index / rate) * 1000;
    if (due >= end || performance.now() >= end) return;
    if (!(await waitUntil(due, signal))) return;
    yield { index, name };
    index += 1;
  }
}

/** @returns false if the signal was aborted */
async function waitUntil(time: number, signal: AbortSignal): Promise<boolean> {
  const left = time - performance.now();
  if (left > 0) await sleep(left, undefined, { signal }).catch(() => undefined);
  return !signal.aborted;
}

async function* namesOf({ names, stdin, repeat, duration }: InputOptions): AsyncGenerator<string> {
  const times = repeat ?? (duration === undefined ? 1 : Number.POSITIVE_INFINITY);
  const first: string[] = [];
  for await (const name of names.length > 0 ? names : linesOf(stdin)) {
    // Standard input can be read only once.
    if (times > 1) first.push(name);
    yield name;
  }
  for (let time = 1; time < times && first.length > 0; time += 1) yield* first;
}

async function* linesOf(stdin: Readable): AsyncGenerator<string> {
  for await (const line of createInterface({ input: stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() !== '') yield line.trim();
  }
}
