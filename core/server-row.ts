import * as z from 'zod';
import { absolutePath, text } from './row-values.ts';

const status = z.int().min(100).max(599);

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

/** How the model server is started, and how to tell that it is ready and well. */
export const server = z.discriminatedUnion('kind', [
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
