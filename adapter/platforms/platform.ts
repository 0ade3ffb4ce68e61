import type { ModelRow } from '../../core/row.ts';
import type { Environment } from '../../core/settings.ts';
import type { Configuration } from '../settings/settings.ts';
import type { FetchPolicy } from '../fetch/policy.ts';
import type { ModelServerError } from '../errors.ts';
import type { ModelServer } from '../model/model-server.ts';

/** What every platform is given. */
export interface PlatformContext {
  readonly configuration: Configuration;
  /** The process environment, for settings that only one platform has. */
  readonly environment: Environment;
  readonly row: ModelRow;
  readonly model: ModelServer;
  readonly fetchPolicy: FetchPolicy;
  /** Why the model server did not start; undefined when it did. */
  readonly startFailure: ModelServerError | undefined;
}

/** A platform's front door, open. */
export interface RunningPlatform {
  /** Takes no new work, lets the work in progress finish, and resolves when that is done. */
  close(): Promise<void>;
}

export type StartPlatform = (context: PlatformContext) => Promise<RunningPlatform>;
