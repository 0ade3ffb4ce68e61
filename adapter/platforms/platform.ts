import type { ModelRow } from '../../core/row.ts';
import type { Environment, Setting } from '../../core/settings.ts';
import type { CallContext, CallSettings } from '../call/open-call.ts';
import type { ModelServerError } from '../errors.ts';
import type { FetchPolicy } from '../fetch/policy.ts';

/**
 * One platform that the adapter speaks. To add one: make a folder with a `platform.ts` that exports such a descriptor,
 * and name it in platforms.ts. Descriptors are all loaded at each start, so they import next to nothing: what serves
 * the platform is loaded by `load`.
 */
export interface Platform {
  /** Its name for `MODELWHISK_PLATFORM` and in messages. */
  readonly name: string;
  /** Matches the names of environment variables that only this platform sets. It is recognised by any that has a value. */
  readonly marks: RegExp;
  /** The same for variables that many images set themselves: they decide only where no platform's marks do. */
  readonly weakMarks?: RegExp;
  /** The `MODELWHISK_*` settings that only this platform reads. */
  readonly settings: readonly Setting[];
  /**
   * Matches the names of variables in which the platform tells of itself, and keeps its secrets: the model server does
   * not get them unless MODELWHISK_PASS_VARIABLES names them. What an operator sets for the model must not be among them.
   */
  readonly withheld: RegExp;
  /**
   * The port to listen on where `MODELWHISK_PORT` names none. Throws ConfigurationError where the platform has to name
   * it in a variable that is missing or malformed.
   */
  readonly port: (environment: Environment) => number;
  /**
   * Milliseconds after which the front door opens even if the model server is still starting, so that the platform does
   * not take the container for dead and start everything anew. Calls then wait for the model server. Undefined: as long
   * as it takes.
   */
  readonly listenDeadline: (environment: Environment) => number | undefined;
  /** Loads what serves the platform. */
  readonly load: () => Promise<StartPlatform>;
  /** Tells the platform why the adapter cannot start, where it wants to be told. Does nothing on other platforms. */
  readonly reportFailedStart?: (environment: Environment, failure: unknown) => Promise<void>;
}

/** Opens the platform's front door. */
export type StartPlatform = (context: PlatformContext) => Promise<RunningPlatform>;

/** A platform's front door, open. */
export interface RunningPlatform {
  /** Takes no new work, lets the work in progress finish, and resolves when that is done. */
  close(): Promise<void>;
}

/** What every platform is given. */
export interface PlatformContext extends CallContext {
  readonly configuration: PlatformSettings;
  /**
   * The variables that the adapter was started with, for settings that only one platform has. It is the adapter's own
   * copy: an Express app changes the process's.
   */
  readonly environment: Record<string, string | undefined>;
  readonly row: ModelRow;
  readonly fetchPolicy: FetchPolicy;
  /** Why the model server did not start; undefined when it did. */
  readonly startFailure: ModelServerError | undefined;
}

/** The settings that all platforms share. */
export interface PlatformSettings extends CallSettings {
  /** TCP port to listen on, where the platform calls one. */
  /** IP address to listen on; undefined for the platform's own. */
  readonly address: string | undefined;
  readonly port: number;
  /** Who answers for `access-control-*`: the platform's front end, or the model server. */
  readonly cors: 'platform' | 'model';
  /** Longest request line and headers together, in bytes, where the adapter serves HTTP. */
  readonly maximumHeaders: number;
  /** Longest body, in bytes, that is read whole where it has to be, though the platform streams. */
  readonly maximumBody: number;
}
