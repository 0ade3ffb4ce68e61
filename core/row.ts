import * as z from 'zod';
import { archiveExpectations, archivePatterns } from './archive-patterns.ts';
import { batch } from './batch-row.ts';

/**
 * One row of the catalogue: everything modelwhisk knows about a model image.
 *
 * `models.json` holds the rows of the public images. `build.ts` writes the row of a model into its image's
 * configuration (`MODELWHISK_MODEL`, see runtimeRow). The adapter reads it from there with the same schema.
 */
export type ModelRow = Readonly<z.infer<typeof modelRow>>;
export type ModelServerRow = ModelRow['server'];
export type HttpServerRow = Extract<ModelServerRow, { kind: 'http' }>;
export type ReadyCheck = HttpServerRow['ready'];
export type ModelInput = ModelRow['predict']['input'];
/** The predict route or a further route, with its input. */
export type InputRoute = Pick<ModelRow['predict'], 'path' | 'input' | 'parameters'> & { readonly method: string };
export type FileInput = Extract<ModelInput, { kind: 'file' }>;
export type RawInput = Extract<ModelInput, { kind: 'raw' }>;

const text = z.string().min(1, 'a text that is not empty');
const absolutePath = z.string().regex(/^\/\S*$/, 'a path starting with "/"');
const headerValue = z.string().regex(/^[\t\x20-\x7e]+$/, 'printable ASCII');
const imageReference = z.string().regex(/^\S+$/, 'an image reference, as for docker pull');
const status = z.int().min(100).max(599);
const scalar = z.union([z.string(), z.number(), z.boolean()], 'a string, a number or a boolean');

const parameter = z.strictObject({
  name: text.describe('Name in the query string'),
  type: z.enum(['string', 'number', 'integer', 'boolean']).default('string').describe('Type of the value'),
  required: z.boolean().default(false).describe('Whether the model refuses a call without it'),
  default: scalar.optional().describe('Default value in the model'),
  values: z.array(text).min(1).optional().describe('The only values that the model accepts'),
  description: text.optional().describe('For people'),
});

const field = z.strictObject({
  name: text.describe('Key in the JSON object'),
  type: z.enum(['string', 'number', 'integer', 'boolean', 'array', 'object']).describe('JSON type of the value'),
  required: z.boolean().default(false).describe('Whether the model refuses a call without it'),
  default: z.json().optional().describe('Default value in the model'),
  description: text.optional().describe('For people'),
});

const input = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('file').describe('multipart/form-data with one file part'),
    field: text.describe('Name of the part'),
    filename: text.describe('Default file name of the part'),
    contentType: headerValue.describe('Default Content-Type of the part'),
    contentTypeEnforced: z
      .boolean()
      .default(false)
      .describe('Whether the model checks the Content-Type of the part, not only its bytes'),
    accepts: z.array(headerValue).min(1).optional().describe('Content types that the model can read'),
  }),
  z.strictObject({
    kind: z.literal('json').describe('A JSON body'),
    fields: z.array(field).default([]).describe('Keys of the JSON object; empty if they depend on the model'),
  }),
  z.strictObject({
    kind: z.literal('raw').describe('A body that is the file itself, neither a form nor JSON'),
    contentType: headerValue.default('application/octet-stream').describe('Default Content-Type of the body'),
  }),
  z.strictObject({ kind: z.literal('query').describe('Query parameters only, no body') }),
]);

const readyPort = z
  .int()
  .min(1)
  .max(65_535)
  .optional()
  .describe('Port to ask, if it is not the port of calls; that port must be open as well');

const ready = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('port').describe('Ready once the port accepts a connection') }),
  z.strictObject({
    kind: z.literal('get').describe('Ready once a GET answers with a status in the range'),
    path: absolutePath.describe('Path to ask'),
    port: readyPort,
    status: z
      .tuple([status, status])
      .refine(([lowest, highest]) => lowest <= highest, 'two statuses, the lower one first')
      .default([200, 399])
      .describe('Lowest and highest status that mean ready'),
  }),
  z.strictObject({
    kind: z.literal('json').describe('Ready once a field in the JSON reply to a GET has this value'),
    path: absolutePath.describe('Path to ask'),
    port: readyPort,
    field: text.describe('Keys and array indices joined by dots, for example model_version_status.0.state'),
    equals: z.string().describe('Value that means ready'),
    failed: z
      .array(z.string())
      .min(1)
      .optional()
      .describe('Values that mean that the server failed: its start fails at once, or it is restarted'),
  }),
]);

const server = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('express').describe('An Express app, called in the adapter process'),
    module: text.describe('Path of the module in the image, absolute or relative to its WORKDIR'),
    export: text
      .default('app')
      .describe(
        'Name of the export that is the app or a factory of it; a module may also be the app, or make it listen',
      ),
  }),
  z.strictObject({
    kind: z.literal('http').describe("Any HTTP server, started by the image's own entrypoint and command"),
    port: z.int().min(1).max(65_535).describe('TCP port of the model server; 8080 is the adapter’s own'),
    command: z
      .array(z.string())
      .min(1)
      .optional()
      .describe("Replaces the image's command (CMD) and leaves its entrypoint, like the words after docker run IMAGE"),
    environment: z
      .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable'), z.string())
      .optional()
      .describe("Variables added to the image's own for the model server, for example to move its port"),
    ready: ready.default({ kind: 'port' }).describe('How to tell that calls can be answered'),
    healthPeriod: z
      .int()
      .min(1)
      .max(86_400)
      .optional()
      .describe('Seconds between two `ready` checks while the server runs; by default only failed calls cause a check'),
    background: z
      .boolean()
      .default(false)
      .describe('Whether the started process exits with code 0 while the server continues in the background'),
    forceNoStream: z
      .boolean()
      .default(false)
      .describe('Whether to set "stream": false in JSON bodies, for servers that otherwise stream their replies'),
    busy: z
      .int()
      .min(400)
      .max(599)
      .optional()
      .describe('Status that refuses a call because another is in progress; it is sent again until its time is up'),
    failure: z
      .strictObject({
        field: text.describe('Keys and array indices joined by dots, in the reply or its last line if it is a stream'),
        equals: z.array(z.string()).min(1).optional().describe('Values that mean failure; by default any value'),
        status: z.int().min(400).max(599).default(502).describe('Status to answer with instead'),
      })
      .optional()
      .describe('How to tell a failure that the server reports in a JSON reply of status 2xx'),
  }),
]);

/** A model that is kept outside its image. The settings MODELWHISK_ARCHIVE… override it. */
const archive = z.strictObject({
  url: z
    .string()
    .regex(archivePatterns.url, archiveExpectations.url)
    .describe('A .tar or .tar.gz, by https:// or s3://bucket/key'),
  sha256: z
    .string()
    .regex(archivePatterns.sha256, archiveExpectations.sha256)
    .describe('SHA-256 of the archive, in hexadecimal; any other archive is refused'),
  variable: z
    .string()
    .regex(archivePatterns.variable, archiveExpectations.variable)
    .default('MODEL_DIR')
    .describe('Environment variable in which the model server finds the directory'),
});

const sample = z.strictObject({
  file: text.optional().describe('File to send, by its path in the repository of `source`'),
  json: z.json().optional().describe('JSON body to send'),
  query: z.record(z.string(), scalar).optional().describe('Query parameters to send'),
});

const route = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT', 'DELETE']).default('GET').describe('HTTP method'),
  path: absolutePath.describe('Path on the model server'),
  input: input.optional().describe('Input besides query parameters; if set, JSON may name the file of the route'),
  parameters: z.array(parameter).default([]).describe('Query parameters of the route'),
  output: headerValue.default('application/json').describe('Content type of a successful reply'),
  description: text.optional().describe('For people'),
});

const warmUp = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT']).default('GET').describe('HTTP method'),
  path: absolutePath.describe('Path on the model server, with its query'),
  json: z.json().optional().describe('JSON body to send'),
});

export const modelRow = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9]+([._-][a-z0-9]+)*$/, 'a repository name: lower case letters, digits, ". _ -"')
    .describe('Name for --models, of the image made and of the action'),
  title: text.describe('Name for people'),
  image: imageReference.describe('Image reference of the model, as for docker pull'),
  images: z.array(imageReference).default([]).describe('Other references of the same model'),
  license: text.optional().describe("SPDX expression, or the publisher's own words"),
  source: z.url('a URL').optional().describe("Repository with the model's source and samples"),
  note: text.optional().describe('What a user should know before deploying it'),
  template: z
    .boolean()
    .default(false)
    .describe('Whether the row describes a kind of server: --set NAME=VALUE fills in the {placeholders} in its texts'),
  server: server.describe('How the model server is started'),
  archive: archive.optional().describe('The model, if it is kept outside the image'),
  predict: z
    .strictObject({
      method: z.enum(['GET', 'POST', 'PUT']).default('POST').describe('HTTP method'),
      path: absolutePath.default('/model/predict').describe('Path on the model server'),
      input: input.describe('Input of the model besides query parameters'),
      parameters: z.array(parameter).default([]).describe('Query parameters of the predict route'),
      output: headerValue.default('application/json').describe('Content type of a successful reply'),
    })
    .describe('The route that answers with a prediction'),
  routes: z.array(route).default([]).describe('Further routes of the model server'),
  batch: batch.optional().describe('The route on which calls may share a request'),
  warmUp: warmUp
    .optional()
    .describe('A request that is sent once, when the model server is ready and before calls are taken'),
  memory: z.int().min(128).default(512).describe('Memory to ask the platform for, in MB'),
  gpu: z.int().min(1).max(16).optional().describe('GPUs to ask the platform for; none where absent'),
  sample: sample.optional().describe('A call that works, shown as a curl line'),
});

/**
 * The part of a row that the adapter needs, for `MODELWHISK_MODEL`. To keep image configurations small, it leaves out
 * what is only for people and for the build. It is a valid row itself.
 */
export function runtimeRow(row: ModelRow): ModelRow {
  return modelRow.parse({
    name: row.name,
    title: row.title,
    image: row.image,
    server: row.server,
    ...(row.archive && { archive: row.archive }),
    predict: row.predict,
    ...(row.batch && { batch: row.batch }),
    ...(row.warmUp && { warmUp: row.warmUp }),
    routes: row.routes.filter((each) => each.input !== undefined),
  });
}
