import { type Environment, readWholeNumber } from '../../../core/settings.ts';

/** Limits on plain HTTP. Other platforms have fixed limits or send them with each call. */
export interface HttpSettings {
  /** Milliseconds after which a call gets 504. Default 300,000, the default of Knative and Cloud Run. */
  readonly timeout: number;
  /** Longest request body in bytes. Default: no limit; platforms have their own (Cloud Run: 32 MiB with HTTP/1). */
  readonly maximumRequest: number;
}

/**
 * Reads `MODELWHISK_HTTP_TIMEOUT` (milliseconds) and `MODELWHISK_HTTP_MAX_REQUEST` (bytes).
 *
 * @throws ConfigurationError
 */
export function readHttpSettings(environment: Environment): HttpSettings {
  const read = (name: string, unit: string): number | undefined =>
    readWholeNumber(environment, name, `whole ${unit}`, { least: 1, most: 999_999_999 });
  return {
    timeout: read('MODELWHISK_HTTP_TIMEOUT', 'milliseconds') ?? 300_000,
    maximumRequest: read('MODELWHISK_HTTP_MAX_REQUEST', 'bytes') ?? Number.POSITIVE_INFINITY,
  };
}
