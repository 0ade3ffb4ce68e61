import type { ModelRow } from '../../core/row.ts';
import type { Environment, Setting } from '../../core/settings.ts';
import type { CallContext, CallSettings } from '../call/model-call.ts';
import type { ModelServerError } from '../errors.ts';
import type { FetchPolicy } from '../fetch/policy.ts';

/**
 * Describes a platform. To add one, make a folder with a `platform.ts` that exports a descriptor, and add it to
 * platforms.ts. All descriptors are loaded at each start, so they must import as little as possible; `load` loads the
 * platform's server.
 */
export interface Platform {
  /** Its name for `MODELWHISK_PLATFORM` and in messages. */
  readonly name: string;
  /** Matches names of variables that only this platform sets. Any of them with a value identifies the platform. */
  readonly marks: RegExp;
  /** Like `marks`, for variables that images may also set. They are used only if no platform's `marks` match. */
  readonly weakMarks?: RegExp;
  /**
   * Matches arguments, joined by blanks, with which only this platform starts a container. They identify the platform
   * too, and are not the model server's command.
   */
  readonly startArguments?: RegExp;
  /** Throws ConfigurationError if the arguments ask for something that the adapter does not do. */
  readonly checkArguments?: (words: readonly string[]) => void;
  /** The `MODELWHISK_*` settings that only this platform reads. */
  readonly settings: readonly Setting[];
  /**
   * Matches names of variables with the platform's own information and secrets. The model server gets them only if
   * MODELWHISK_PASS_VARIABLES names them. It must not match variables that operators set for the model.
   */
  readonly withheld: RegExp;
  /**
   * The port to listen on without `MODELWHISK_PORT`. Throws ConfigurationError if the platform's variable for it is
   * missing or malformed.
   */
  readonly port: (environment: Environment) => number;
  /**
   * Milliseconds after which the platform's server starts even if the model server is still starting, because the
   * platform would otherwise restart the container. Calls then wait for the model server. Undefined means no limit.
   */
  readonly listenDeadline: (environment: Environment) => number | undefined;
  /** Whether the platform may freeze the container as soon as a call has ended. Default: false. */
  readonly freezes?: boolean;
  /** The directory in which the platform puts the model that it fetches. It has a model if it is not empty. */
  readonly modelDirectory?: (environment: Environment) => string;
  /** Loads the platform's server. */
  readonly load: () => Promise<StartPlatform>;
  /** Reports to the platform why the adapter cannot start. Does nothing if the adapter runs on another platform. */
  readonly reportFailedStart?: (environment: Environment, failure: unknown) => Promise<void>;
}

/** Starts the platform's server. */
export type StartPlatform = (context: PlatformContext) => Promise<RunningPlatform>;

/** A platform's running server. */
export interface RunningPlatform {
  /** Refuses new calls and resolves when the running calls have ended. */
  close(): Promise<void>;
}

/** What every platform's server gets. */
export interface PlatformContext extends CallContext {
  readonly configuration: PlatformSettings;
  /**
   * The variables at the adapter's start, for settings of one platform. A copy, because an Express app may change
   * process.env.
   */
  readonly environment: Record<string, string | undefined>;
  readonly row: ModelRow;
  readonly fetchPolicy: FetchPolicy;
  /** Why the model server did not start. Undefined if it started, or is still starting. */
  readonly startFailure: ModelServerError | undefined;
}

/** The settings that all platforms share. */
export interface PlatformSettings extends CallSettings {
  /** IP address to listen on. Undefined for the platform's default. */
  readonly address: string | undefined;
  /** TCP port to listen on, if the platform calls a port. */
  readonly port: number;
  /** Who sets `access-control-*`: the platform, or the model server. */
  readonly cors: 'platform' | 'model';
  /** Longest request line and headers together, in bytes, on platforms with plain HTTP. */
  readonly maximumHeaders: number;
  /** Longest body that is read as a whole if necessary, in bytes, on platforms that stream. */
  readonly maximumBody: number;
}
