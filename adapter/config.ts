import { z } from 'zod';
import { ConfigurationError } from '../core/errors.ts';
import { modelRow, type ModelRow } from '../core/row.ts';

/** The base image's own start, which the adapter's entrypoint took the place of. */
export interface BaseImage {
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  /** Values of variables that the image had to empty for the adapter's sake (LD_*, NODE_OPTIONS). */
  readonly environment: Readonly<Record<string, string>>;
}

/** Everything the adapter can be told, read once at start. */
export interface Configuration {
  readonly model: ModelRow;
  readonly base: BaseImage;
  readonly platform: Platform;
  /** TCP port to listen on. */
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

export type Platform = (typeof platforms)[number];
const platforms = ['openwhisk'] as const;

/**
 * Reads the adapter's settings from the environment.
 *
 * @throws ConfigurationError naming the variable, the value received and what was expected; unknown `MODELWHISK_*`
 *   variables are refused too, since a misspelt setting would otherwise be silently ignored.
 */
export function readConfiguration(environment: Readonly<Record<string, string | undefined>>): Configuration {
  for (const [name, value] of Object.entries(environment)) {
    if (name.startsWith('MODELWHISK_') && !Object.hasOwn(settings.shape, name)) {
      const known = Object.keys(settings.shape).join(', ');
      throw new ConfigurationError(name, value, `one of the known settings: ${known}`);
    }
  }
  const parsed = settings.safeParse(environment);
  if (!parsed.success) throw refusal(parsed.error, environment);
  return Object.freeze({
    model: parsed.data.MODELWHISK_MODEL,
    base: parsed.data.MODELWHISK_BASE,
    platform: parsed.data.MODELWHISK_PLATFORM,
    port: parsed.data.MODELWHISK_PORT,
    log: parsed.data.MODELWHISK_LOG,
    cors: parsed.data.MODELWHISK_CORS,
    deadlineMargin: parsed.data.MODELWHISK_DEADLINE_MARGIN,
    drainTimeout: parsed.data.MODELWHISK_DRAIN_TIMEOUT,
  });
}

const baseImage = z.strictObject({
  entrypoint: z
    .array(z.string())
    .nullable()
    .transform((value) => value ?? []),
  command: z
    .array(z.string())
    .nullable()
    .transform((value) => value ?? []),
  environment: z.record(z.string(), z.string()).default({}),
});

const milliseconds = z
  .string()
  .regex(/^\d{1,7}$/, 'whole milliseconds')
  .transform(Number);

const settings = z.object({
  MODELWHISK_MODEL: json(modelRow, "the model's catalogue row as JSON, as build.ts writes it into the image"),
  MODELWHISK_BASE: json(baseImage, '{"entrypoint": […]|null, "command": […]|null, "environment": {…}}').default({
    entrypoint: [],
    command: [],
    environment: {},
  }),
  MODELWHISK_PLATFORM: z.enum(platforms).default('openwhisk'),
  MODELWHISK_PORT: z
    .string()
    .regex(/^\d{1,5}$/, 'a TCP port')
    .transform(Number)
    .pipe(z.int().min(0).max(65_535))
    .default(8080),
  MODELWHISK_LOG: z.enum(['json', 'off']).default('json'),
  MODELWHISK_CORS: z.enum(['platform', 'model']).default('platform'),
  MODELWHISK_DEADLINE_MARGIN: milliseconds.default(500),
  MODELWHISK_DRAIN_TIMEOUT: milliseconds.default(10_000),
  // Read by adapter/fetch; named here so that they count as known.
  MODELWHISK_FETCH_ALLOW_HOSTS: z.string().optional(),
  MODELWHISK_FETCH_MAX_BYTES: z.string().optional(),
  MODELWHISK_FETCH_TIMEOUT: z.string().optional(),
});

function refusal(error: z.ZodError, environment: Readonly<Record<string, string | undefined>>): ConfigurationError {
  const [issue] = error.issues;
  const [name, ...inside] = issue?.path ?? [];
  const where = inside.length === 0 ? '' : ` (at ${inside.join('.')})`;
  const expectation = `${issue?.message ?? 'something else'}${where}`;
  return new ConfigurationError(String(name), environment[String(name)], expectation, { cause: error });
}

function json<Schema extends z.ZodType>(schema: Schema, expectation: string) {
  return z
    .string(expectation)
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue({ code: 'custom', message: expectation });
        return z.NEVER;
      }
    })
    .pipe(schema);
}
