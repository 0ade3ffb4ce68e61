import { basename } from 'node:path';
import { ModelServerError } from '../../errors.ts';
import type { HttpServerRow } from '../../../core/row.ts';
import type { Environment } from '../../../core/settings.ts';

/** What the base image says about starting its server, as the build recorded it in `MODELWHISK_BASE`. */
export interface BaseCommand {
  readonly entrypoint: readonly string[] | null;
  readonly command: readonly string[] | null;
  /** Values the base gave to variables that the adapter's image empties (LD_* and NODE_*). */
  readonly environment: Readonly<Record<string, string>>;
  /** The signal that stops it; SIGTERM where it names none. */
  readonly stopSignal?: string | undefined;
}

/** The base image's entrypoint and command as one argument list; the row's command takes the place of the base's. */
export function serverCommand(row: HttpServerRow, base: BaseCommand): string[] {
  const argv = [...(base.entrypoint ?? []), ...(row.command ?? base.command ?? [])];
  if (argv.length === 0) {
    throw new ModelServerError('MODEL_START', 'the base image has neither an entrypoint nor a command to start', {
      hint: 'Name the command in the "command" key of the model\'s row',
    });
  }
  return argv;
}

/**
 * The environment of the model server. Later ones win: the variables given, the row's, and those that arrived with
 * /init.
 */
export function serverEnvironment(
  row: HttpServerRow,
  base: BaseCommand,
  given: Environment,
  configured: Readonly<Record<string, string>>,
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) if (value !== undefined) environment[name] = value;
  // A platform tells the adapter its port here (Knative container contract); the model's is another.
  if (environment['PORT'] !== undefined) environment['PORT'] = String(row.port);
  // tini cannot be process 1 behind the adapter; told so, it still reaps what its children leave behind.
  const [program = ''] = base.entrypoint ?? [];
  if (/^tini(-static)?$/.test(basename(program))) environment['TINI_SUBREAPER'] = '';
  return { ...environment, ...row.environment, ...configured };
}
