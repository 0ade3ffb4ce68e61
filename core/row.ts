import { z } from 'zod';

/**
 * One row of the catalogue: everything modelwhisk knows about a model image.
 *
 * `models.json` holds the rows of the public images; `build.ts` writes the row of one model into the image's
 * configuration (`MODELWHISK_MODEL`), where the adapter reads it back with the same schema.
 */
export type ModelRow = Readonly<z.infer<typeof modelRow>>;
export type ModelServerRow = ModelRow['server'];
export type HttpServerRow = Extract<ModelServerRow, { kind: 'http' }>;
export type ModelInput = ModelRow['predict']['input'];

const absolutePath = z.string().regex(/^\/\S*$/, 'a path starting with "/"');
const headerValue = z.string().regex(/^[\t\x20-\x7e]+$/, 'printable ASCII');

const parameter = z.strictObject({
  name: z.string().min(1).describe('Name in the query string'),
  type: z.enum(['string', 'number', 'integer', 'boolean']).default('string'),
  required: z.boolean().default(false),
  default: z.union([z.string(), z.number(), z.boolean()]).optional(),
  description: z.string().optional(),
});

const input = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('file').describe('multipart/form-data with one file part'),
    field: z.string().min(1).describe('Name of the part'),
    filename: z.string().min(1).describe('File name to give where the caller gave none'),
    contentType: headerValue.describe('Content-Type of the part where the caller gave none'),
  }),
  z.strictObject({ kind: z.literal('json').describe('A JSON body') }),
  z.strictObject({ kind: z.literal('query').describe('Query parameters only, no body') }),
]);

const status = z.int().min(100).max(599);

const readiness = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('port').describe('The port accepts connections') }),
  z.strictObject({
    kind: z.literal('get').describe('GET answers with a status in a range'),
    path: absolutePath,
    status: z.tuple([status, status]).default([200, 399]).describe('Lowest and highest status that mean ready'),
  }),
  z.strictObject({
    kind: z.literal('json').describe('A field of the JSON that GET answers has a value'),
    path: absolutePath,
    field: z.string().min(1).describe('Dotted path, numbers index lists: "model_version_status.0.state"'),
    equals: z.string(),
  }),
]);

const server = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('express').describe('An Express app, called in the adapter process'),
    module: z.string().min(1).describe('Path of the module in the image, absolute or relative to its WORKDIR'),
    export: z.string().min(1).default('app').describe('Name under which the module exports the app'),
  }),
  z.strictObject({
    kind: z.literal('http').describe("Any HTTP server, started by the image's own entrypoint and command"),
    port: z.int().min(1).max(65_535).describe('TCP port the model server listens on'),
    command: z.array(z.string()).optional().describe("Arguments in place of the image's own command (CMD)"),
    environment: z
      .record(z.string().regex(/^[^=\0]+$/, 'a variable name'), z.string())
      .optional()
      .describe('Variables to set for the model server, for example to move its port'),
    ready: readiness.default({ kind: 'port' }).describe('How to tell that the model server can be called'),
    background: z
      .boolean()
      .default(false)
      .describe('The started process ends with code 0 while the server goes on in the background'),
    forceNoStream: z.boolean().default(false).describe('Sets "stream": false in JSON bodies'),
    failure: z
      .strictObject({
        field: z.string().min(1).describe('Dotted path of a field in the JSON reply (the last line of NDJSON or SSE)'),
        equals: z.array(z.string()).optional().describe('Values that mean failure; any value does when absent'),
        status: z.int().min(400).max(599).default(502).describe('Status to give such a reply'),
      })
      .optional()
      .describe('How a reply with status 2xx says that the model failed'),
  }),
]);

export const modelRow = z.strictObject({
  name: z.string().regex(/^[a-z0-9]+([._-][a-z0-9]+)*$/, 'a repository name: lower case letters, digits, ". _ -"'),
  title: z.string().min(1),
  image: z.string().min(1).describe('Image reference of the model, as for docker pull'),
  licence: z.string().min(1).optional().describe('SPDX expression, or what the publisher says'),
  server,
  predict: z.strictObject({
    method: z.enum(['GET', 'POST', 'PUT']).default('POST'),
    path: absolutePath.default('/model/predict'),
    input,
    parameters: z.array(parameter).default([]).describe('Query parameters of the predict route'),
    output: headerValue.default('application/json').describe('Content type of a successful reply'),
  }),
  memory: z.int().min(128).default(512).describe('Memory to ask the platform for, in MB'),
  sample: z.string().min(1).optional().describe('File name, text or query to show in the curl line'),
});
