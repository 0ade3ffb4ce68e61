import { basename } from 'node:path';
import { ModelServerError } from '../../errors.ts';
import type { HttpServerRow } from '../../../core/row.ts';
import type { Environment } from '../../../core/settings.ts';

/** What the base image said about starting its server, as the build recorded it in `MODELWHISK_BASE`. */
export interface BaseImage {
  readonly entrypoint: readonly string[] | null;
  readonly command: readonly string[] | null;
  /** Values the base gave to variables that the adapter's image empties (LD_*, NODE_OPTIONS). */
  readonly environment: Readonly<Record<string, string>>;
}

/** The base image's entrypoint and command as one argument list; the row's command takes the place of the base's. */
export function serverCommand(row: HttpServerRow, base: BaseImage): string[] {
  const argv = [...(base.entrypoint ?? []), ...(row.command ?? base.command ?? [])];
  if (argv.length === 0) {
    throw new ModelServerError('MODEL_START', 'the base image has neither an entrypoint nor a command to start', {
      hint: 'Name the command in the "command" key of the model\'s row',
    });
  }
  return argv;
}

/**
 * The environment of the model server: what the base image and the operator set, and nothing of the adapter's or the
 * platform's. Later ones win: the process's variables, the base's own values of those the image had to empty, the
 * row's, and those that arrived with /init.
 */
export function serverEnvironment(
  row: HttpServerRow,
  base: BaseImage,
  process: Environment,
  configured: Readonly<Record<string, string>>,
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(process)) {
    if (value !== undefined && !withheld.test(name)) environment[name] = value;
  }
  // A platform tells the adapter its port here (Knative container contract); the model's is another.
  if (environment['PORT'] !== undefined) environment['PORT'] = String(row.port);
  // tini cannot be process 1 behind the adapter; told so, it still reaps what its children leave behind.
  const [program = ''] = base.entrypoint ?? [];
  if (/^tini(-static)?$/.test(basename(program))) environment['TINI_SUBREAPER'] = '';
  return { ...environment, ...base.environment, ...row.environment, ...configured };
}

// The adapter's own variables, the loader's and Node's, then those of OpenWhisk, Lambda, Azure Functions and SCF.
const withheld =
  /^(MODELWHISK_|LD_|NODE_OPTIONS$|__OW_|AWS_|_?LAMBDA_|_X_AMZN_|_HANDLER$|FUNCTIONS_|SCF_|TENCENTCLOUD_)/;
