import { once } from 'node:events';
import { Writable } from 'node:stream';
import picocolors from 'picocolors';
import type { Environment } from '../core/settings.ts';
import type { OutputOptions } from './options.ts';

/** The output streams of the program. Tests collect them. */
export interface Output {
  readonly stdout: Sink;
  readonly stderr: Sink;
}

interface Sink {
  readonly isTTY?: boolean;
  /** Width of the terminal. */
  readonly columns?: number;
  write(text: string): unknown;
}

export type Colours = ReturnType<typeof picocolors.createColors>;

/** Colours for a terminal, unless NO_COLOR (https://no-color.org) is set. */
export function coloursFor(sink: Sink, environment: Environment): Colours {
  return picocolors.createColors(sink.isTTY === true && !environment['NO_COLOR']);
}

/** Writes a text. Resolves when a slow reader has taken enough of what was written before, or `signal` is aborted. */
export async function writeInTurn(sink: Sink, text: string, signal: AbortSignal): Promise<void> {
  const isFull = sink.write(text) === false;
  if (isFull && sink instanceof Writable) await once(sink, 'drain', { signal }).catch(() => undefined);
}

/** Returns a function that writes a progress line for a model to stderr, or does nothing with `quiet`. */
export function progressWriter(
  { stderr }: Output,
  { quiet }: Pick<OutputOptions, 'quiet'>,
  colours: Colours,
): (model: string, message: string) => void {
  if (quiet) return () => undefined;
  return (model, message) => void stderr.write(`${colours.dim(`[${model}]`)} ${message}\n`);
}

/** Returns a function that writes a warning to stderr, or does nothing with `quiet`. */
export function warningWriter(
  { stderr }: Output,
  { quiet = false }: Partial<Pick<OutputOptions, 'quiet'>>,
  colours: Colours,
): (message: string) => void {
  return quiet ? () => undefined : (message) => void stderr.write(`${colours.yellow('warning:')} ${message}\n`);
}

/** An error as text: one line and a hint, with `verbose` also the stacks. */
export function errorText(
  error: {
    readonly message: string;
    readonly hint?: string | undefined;
    readonly stack?: string | undefined;
    readonly cause?: unknown;
  },
  { verbose = false }: Partial<Pick<OutputOptions, 'verbose'>>,
  colours: Colours,
): string {
  const hint = error.hint === undefined ? '' : `  hint: ${error.hint}\n`;
  const causes = verbose ? [error.stack ?? '', ...stacksOf(error.cause)].map((stack) => `${stack}\n`).join('') : '';
  return `${colours.red('error:')} ${error.message}\n${hint}${causes}`;
}

function stacksOf(cause: unknown): string[] {
  return cause instanceof Error ? [`caused by ${cause.stack ?? cause.message}`, ...stacksOf(cause.cause)] : [];
}
