import { basename } from 'node:path';
import { ModelServerError } from '../../errors.ts';
import type { HttpServerRow } from '../../../core/row.ts';
import type { Environment } from '../../../core/settings.ts';

/** How the base image starts its server. The build writes it into `MODELWHISK_BASE`. */
export interface BaseCommand {
  readonly entrypoint: readonly string[] | null;
  readonly command: readonly string[] | null;
  /** The base image's values of variables that the adapter's image empties (LD_* and NODE_*). */
  readonly environment: Readonly<Record<string, string>>;
  /** The signal that stops it. Default: SIGTERM. */
  readonly stopSignal?: string | undefined;
}

/** The base image's entrypoint and command as one argument list. The row's command replaces the base image's. */
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
 * The environment of the model server: the given variables, the row's, and those of /init. Later ones win.
 */
export function serverEnvironment(
  row: HttpServerRow,
  base: BaseCommand,
  given: Environment,
  configured: Readonly<Record<string, string>>,
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) if (value !== undefined) environment[name] = value;
  // Platforms set PORT to the adapter's port (Knative container contract). The model server has another port.
  if (environment['PORT'] !== undefined) environment['PORT'] = String(row.port);
  // tini is not process 1 here. With this variable it still reaps orphans.
  const [program = ''] = base.entrypoint ?? [];
  if (/^tini(-static)?$/.test(basename(program))) environment['TINI_SUBREAPER'] = '';
  return { ...environment, ...row.environment, ...configured };
}
