import * as z from 'zod';
import { headerValue, scalar, text } from './row-values.ts';

/** A query parameter of a route. */
export const parameter = z.strictObject({
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

/** What a route takes besides query parameters. */
export const input = z.discriminatedUnion('kind', [
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
