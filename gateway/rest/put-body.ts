import { isLosslessNumber } from 'lossless-json';
import * as z from 'zod';
import { Rejection, messages } from '../errors.ts';
import type { GatewayRequest } from '../http/message.ts';
import type { Json } from '../json/json.ts';
import { jsonObjectIn } from './json-body.ts';

// The members of a PUT (WhiskActionPut and WhiskPackagePut). Other members are ignored, because `wsk` sends some that
// matter only in replies.

const json = z.custom<Json>((value) => value !== undefined, 'has no value');
const key = z.string().trim().min(1);
const limit = z
  .custom<{ value: string }>(isLosslessNumber, 'must be a number')
  .transform(({ value }) => Number(value))
  .refine((value) => Number.isInteger(value), 'must be a whole number')
  .exactOptional();

const shared = {
  version: z
    .string()
    .regex(/^\d{1,9}\.\d{1,9}\.\d{1,9}$/, 'must be three numbers, as in 0.0.1')
    .optional(),
  publish: z.boolean().optional(),
  annotations: z.array(z.object({ key, value: json })).optional(),
  parameters: z.array(z.object({ key, value: json, init: z.boolean().exactOptional() })).optional(),
};

const actionBody = z.object({
  ...shared,
  exec: z
    .object({
      kind: z.string(),
      image: z.string().optional(),
      code: z.string().optional(),
      main: z.string().optional(),
    })
    .optional(),
  limits: z.object({ memory: limit, timeout: limit, logs: limit, concurrency: limit, instances: limit }).optional(),
  /** Names of annotations to remove. */
  delAnnotations: z.array(z.string()).optional(),
});

const packageBody = z.object({
  ...shared,
  /** {} means no binding, as in replies. */
  binding: z.union([z.object({ namespace: z.string(), name: key }), z.strictObject({})]).optional(),
});

export type ActionBody = Readonly<z.infer<typeof actionBody>>;
export type PackageBody = Readonly<z.infer<typeof packageBody>>;

/** Reads the definition of an action. Throws Rejection 400 or 415 with the reason. */
export function readActionBody(request: GatewayRequest): ActionBody {
  return read(actionBody, request);
}

/** Reads the definition of a package. Throws Rejection 400 or 415 with the reason. */
export function readPackageBody(request: GatewayRequest): PackageBody {
  return read(packageBody, request);
}

function read<Body>(schema: z.ZodType<Body>, request: GatewayRequest): Body {
  const { data, error } = schema.safeParse(jsonObjectIn(request));
  if (error === undefined) return data;
  const reasons = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Rejection(400, messages.malformedContent(reasons.join('\n')), { cause: error });
}
