import type { ModelRow } from '../../core/row.ts';

/** What an image's reference and configuration tell about its server. */
export interface ImageFacts {
  readonly image: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  /** Exposed TCP ports, in order. */
  readonly ports: readonly number[];
  readonly labels: ReadonlyMap<string, string>;
  readonly environment: ReadonlyMap<string, string>;
}

export interface Recognised {
  readonly row: ModelRow;
  /** Completes "because …". */
  readonly because: string;
  /** The other guesses in the row, one line each. */
  readonly guesses: readonly string[];
}

/** Entrypoint and command, as one line. */
export function startOf({ entrypoint, command }: ImageFacts): string {
  return [...entrypoint, ...command].join(' ');
}
