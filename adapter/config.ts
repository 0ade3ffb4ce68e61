import * as z from 'zod';
import { ConfigurationError } from '../core/errors.ts';
import { parseConfiguration } from '../core/parse.ts';
import { modelRow, type ModelRow } from '../core/row.ts';
import { archiveSettings, type Archive, chooseArchive } from './archive/settings.ts';
import type { BaseImage } from './model/http/command.ts';
import { detectPlatform, type Platform, platformPort, platforms, tcpPort } from './platforms/detect.ts';

/** Everything the adapter can be told, read once at start. */
export interface Configuration {
  readonly model: ModelRow;
  readonly base: BaseImage;
  /** The model, where it is kept outside the image. */
  readonly archive: Archive | undefined;
  readonly platform: Platform;
  /** TCP port to listen on, where the platform calls one. */
  readonly port: number;
  /** Whether one JSON line per activation goes to stdout. */
  readonly log: 'json' | 'off';
  /** Who answers for `access-control-*`: the platform's front end, or the model server. */
  readonly cors: 'platform' | 'model';
  /** Milliseconds before the deadline at which a running call is given up, so that its 504 still arrives. */
  readonly deadlineMargin: number;
  /** Milliseconds that calls in progress get to finish after SIGTERM. */
  readonly drainTimeout: number;
}

/**
 * Reads the adapter's settings from the environment.
 *
 * @throws ConfigurationError naming the variable, the value received and what was expected; unknown `MODELWHISK_*`
 *   variables are refused too, since a misspelt setting would otherwise be silently ignored.
 */
export function readConfiguration(environment: Readonly<Record<string, string | undefined>>): Configuration {
  for (const [name, value] of Object.entries(environment)) {
    if (name.startsWith('MODELWHISK_') && !Object.hasOwn(settings, name)) {
      const known = Object.keys(settings).join(', ');
      throw new ConfigurationError(name, value, `one of the known settings: ${known}`);
    }
  }
  const { MODELWHISK_MODEL: model, MODELWHISK_BASE: base, ...simple } = settings;
  const platform = detectPlatform(environment);
  const read = <Schema extends z.ZodType>(name: string, schema: Schema): z.output<Schema> =>
    parseConfiguration(schema, environment[name], name);
  const row = parseConfiguration(modelRow, read('MODELWHISK_MODEL', model), 'MODELWHISK_MODEL');
  return Object.freeze({
    model: row,
    base: parseConfiguration(baseImage, read('MODELWHISK_BASE', base), 'MODELWHISK_BASE'),
    archive: chooseArchive(row, read),
    platform,
    port: read('MODELWHISK_PORT', simple.MODELWHISK_PORT) ?? platformPort(platform, environment),
    log: read('MODELWHISK_LOG', simple.MODELWHISK_LOG),
    cors: read('MODELWHISK_CORS', simple.MODELWHISK_CORS),
    deadlineMargin: read('MODELWHISK_DEADLINE_MARGIN', simple.MODELWHISK_DEADLINE_MARGIN),
    drainTimeout: read('MODELWHISK_DRAIN_TIMEOUT', simple.MODELWHISK_DRAIN_TIMEOUT),
  });
}

const noBase: BaseImage = { entrypoint: null, command: null, environment: {} };

const baseImage = z.strictObject({
  entrypoint: z.array(z.string()).nullable(),
  command: z.array(z.string()).nullable(),
  environment: z.record(z.string(), z.string()).default({}),
});

const milliseconds = z
  .string()
  .regex(/^\d{1,7}$/, 'whole milliseconds')
  .transform(Number);

const settings = {
  MODELWHISK_MODEL: json("the model's catalogue row as JSON, as build.ts writes it into the image"),
  MODELWHISK_BASE: json('{"entrypoint": […]|null, "command": […]|null, "environment": {…}}').default(noBase),
  MODELWHISK_PLATFORM: z.enum(platforms).optional(),
  MODELWHISK_PORT: tcpPort.optional(),
  MODELWHISK_LOG: z.enum(['json', 'off']).default('json'),
  MODELWHISK_CORS: z.enum(['platform', 'model']).default('platform'),
  MODELWHISK_DEADLINE_MARGIN: milliseconds.default(500),
  MODELWHISK_DRAIN_TIMEOUT: milliseconds.default(10_000),
  ...archiveSettings,
  // Read by adapter/fetch and adapter/platforms; named here so that they count as known.
  MODELWHISK_FETCH_ALLOW_HOSTS: z.string().optional(),
  MODELWHISK_FETCH_MAX_BYTES: z.string().optional(),
  MODELWHISK_FETCH_TIMEOUT: z.string().optional(),
  MODELWHISK_S3_BUCKETS: z.string().optional(),
  MODELWHISK_LAMBDA_RESPONSE_STREAM: z.string().optional(),
  MODELWHISK_LAMBDA_BASE_PATH: z.string().optional(),
  MODELWHISK_HTTP_TIMEOUT: z.string().optional(),
  MODELWHISK_HTTP_MAX_REQUEST: z.string().optional(),
  MODELWHISK_AZURE_ROUTE_PREFIX: z.string().optional(),
  MODELWHISK_AZURE_HTTP_OUTPUT: z.string().optional(),
  MODELWHISK_AZURE_SIGNALR_OUTPUT: z.string().optional(),
  MODELWHISK_AZURE_SIGNALR_TARGET: z.string().optional(),
  MODELWHISK_AZURE_TIMEOUT: z.string().optional(),
} as const;

function json(expectation: string): z.ZodType {
  return z.string(expectation).transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: expectation });
      return z.NEVER;
    }
  });
}
