import picocolors from 'picocolors';
import type { Environment } from '../core/settings.ts';
import type { OutputOptions } from './options.ts';

/** Where a program's text goes. `process` has both; tests collect them. */
export interface Output {
  readonly stdout: Sink;
  readonly stderr: Sink;
}

interface Sink {
  readonly isTTY?: boolean;
  /** How wide the terminal is. */
  readonly columns?: number;
  write(text: string): unknown;
}

export type Colours = ReturnType<typeof picocolors.createColors>;

/** Colours for a terminal, unless NO_COLOR (https://no-color.org) is set to anything. */
export function coloursFor(sink: Sink, environment: Environment): Colours {
  return picocolors.createColors(sink.isTTY === true && !environment['NO_COLOR']);
}

/** Writes a progress line per call to stderr, each behind the name of its model; silent where asked to be. */
export function progressWriter(
  { stderr }: Output,
  { quiet }: Pick<OutputOptions, 'quiet'>,
  colours: Colours,
): (model: string, message: string) => void {
  if (quiet) return () => undefined;
  return (model, message) => void stderr.write(`${colours.dim(`[${model}]`)} ${message}\n`);
}

/** Writes a warning per call to stderr; silent where asked to be. */
export function warningWriter(
  { stderr }: Output,
  { quiet = false }: Partial<Pick<OutputOptions, 'quiet'>>,
  colours: Colours,
): (message: string) => void {
  return quiet ? () => undefined : (message) => void stderr.write(`${colours.yellow('warning:')} ${message}\n`);
}

/** An error as its user sees it: one line, a hint where there is one, and the stacks only where asked for. */
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
