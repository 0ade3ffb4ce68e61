import * as z from 'zod';

/**
 * A route of the model server that takes a list of inputs and answers with a list of as many outputs: calls that are in
 * the adapter at the same time become one request of it (docs/batching.md).
 */
export type BatchRoute = Readonly<z.infer<typeof batch>>;

/** RFC 6901. */
const pointer = z
  .string()
  .regex(/^(?:\/(?:[^~/]|~[01])*)*$/, 'a JSON pointer, as "/instances", or "" for the whole document');

const members = /^\/[^/]+$/;

export const batch = z
  .strictObject({
    method: z.enum(['POST', 'PUT']).default('POST').describe('HTTP method'),
    path: z
      .string()
      .regex(/^\/\S*$/, 'a path starting with "/"')
      .describe('Path on the model server'),
    input: pointer.describe('Where the list of inputs is in the JSON body: a JSON pointer'),
    output: pointer.describe('Where the list of outputs is in the JSON reply: a JSON pointer'),
    elements: z
      .enum(['values', 'tensors'])
      .default('values')
      .describe(
        'What is in the lists: one value for each input, or tensors of the Open Inference Protocol whose first axis counts the inputs',
      ),
    largest: z.int().min(2).max(4096).default(32).describe('Most inputs in one batch'),
    wait: z.int().min(0).max(60_000).default(5).describe('Most milliseconds that a call waits for others'),
    bytes: z
      .int()
      .min(1)
      .max(1_000_000_000)
      .default(4 * 1024 * 1024)
      .describe('Most bytes in the body of one batch'),
    idempotent: z
      .boolean()
      .default(false)
      .describe(
        'Whether the route has no side effects, so that the calls of a batch that failed may be sent once more, one by one',
      ),
    file: z
      .strictObject({
        field: z
          .string()
          .min(1)
          .describe('Name by which callers send or name the file: the part of a form, or FIELD_url and FIELD_base64'),
        at: pointer.describe(
          'Where its base64 is put in the element: a JSON pointer; "" where the element is the base64',
        ),
      })
      .optional()
      .describe('How one input file becomes an element of the list, where the route takes files'),
  })
  .refine(({ elements, input, output }) => elements === 'values' || (members.test(input) && members.test(output)), {
    path: ['elements'],
    error: 'values: tensors stand in a member of the document, as "/inputs" and "/outputs"',
  });
