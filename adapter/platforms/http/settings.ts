import * as z from 'zod';
import { parseConfiguration } from '../../../core/parse.ts';

/** What only plain HTTP needs to be told: other platforms name such limits themselves. */
export interface HttpSettings {
  /** Milliseconds after which a call gets 504. Default 300,000, the default of Knative and Cloud Run. */
  readonly timeout: number;
  /** Longest request body in bytes. Default 32 MiB, Cloud Run's limit. */
  readonly maximumRequest: number;
}

/**
 * Reads `MODELWHISK_HTTP_TIMEOUT` (milliseconds) and `MODELWHISK_HTTP_MAX_REQUEST` (bytes).
 *
 * @throws ConfigurationError
 */
export function readHttpSettings(environment: Readonly<Record<string, string | undefined>>): HttpSettings {
  const read = (name: string, unit: string, otherwise: number): number =>
    parseConfiguration(whole(unit), environment[name], name) ?? otherwise;
  return {
    timeout: read('MODELWHISK_HTTP_TIMEOUT', 'milliseconds', 300_000),
    maximumRequest: read('MODELWHISK_HTTP_MAX_REQUEST', 'bytes', 32 * 1024 * 1024),
  };
}

function whole(unit: string) {
  return z
    .string()
    .regex(/^[1-9]\d{0,8}$/, `whole ${unit}`)
    .transform(Number)
    .optional();
}
