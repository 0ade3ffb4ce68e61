import * as z from 'zod';
import { archive } from './archive-row.ts';
import { batch } from './batch-row.ts';
import { input, parameter } from './input-row.ts';
import { absolutePath, headerValue, scalar, text } from './row-values.ts';
import { server } from './server-row.ts';

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

const imageReference = z.string().regex(/^\S+$/, 'an image reference, as for docker pull');

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
