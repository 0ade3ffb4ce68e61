import * as z from 'zod';

/**
 * An HTTP request from an API Gateway REST API or HTTP API with payload 1.0 (`rest`), an HTTP API or Function URL with
 * payload 2.0 (`http`), an Application Load Balancer (`alb`), or a VPC Lattice service (`lattice`).
 *
 * API Gateway developer guide: set-up-lambda-proxy-integrations, http-api-develop-integrations-lambda. AWS Lambda
 * developer guide: services-alb, urls-invocation. VPC Lattice user guide: lambda-functions.
 */
export type HttpEvent = (
  | { readonly kind: 'rest'; readonly event: RestEvent }
  | { readonly kind: 'http'; readonly event: HttpApiEvent }
  | { readonly kind: 'alb'; readonly event: AlbEvent }
  | { readonly kind: 'lattice'; readonly event: LatticeEvent }
) & {
  /** The service's information about the request, unchanged. Undefined if the model server should not get it. */
  readonly requestContext?: unknown;
};

export type RestEvent = Readonly<z.infer<typeof restEvent>>;
export type HttpApiEvent = Readonly<z.infer<typeof httpApiEvent>>;
export type AlbEvent = Readonly<z.infer<typeof albEvent>>;
export type LatticeEvent = Readonly<z.infer<typeof latticeEvent>>;

// The console's test events have null for missing members.
const single = z.record(z.string(), z.string()).nullish();
const multiple = z.record(z.string(), z.array(z.string())).nullish();
const content = { body: z.string().nullish(), isBase64Encoded: z.boolean().nullish() };

export const albEvent = z.object({
  httpMethod: z.string(),
  path: z.string(),
  headers: single,
  multiValueHeaders: multiple,
  queryStringParameters: single,
  multiValueQueryStringParameters: multiple,
  ...content,
});

export const restEvent = albEvent.extend({
  /** "1.0" for an HTTP API's payload 1.0. Missing for a REST API. */
  version: z.string().optional(),
  requestContext: z.object({ stage: z.string(), domainName: z.string().nullish(), path: z.string().nullish() }),
});

export const httpApiEvent = z.object({
  version: z.literal('2.0'),
  rawPath: z.string(),
  rawQueryString: z.string().default(''),
  headers: single,
  cookies: z.array(z.string()).nullish(),
  requestContext: z.object({
    http: z.object({ method: z.string() }),
    stage: z.string().default('$default'),
    domainName: z.string().nullish(),
  }),
  ...content,
});

const oneOrMore = z.record(z.string(), z.union([z.string(), z.array(z.string())])).nullish();

export const latticeEvent = z.object({
  method: z.string(),
  path: z.string(),
  headers: oneOrMore,
  queryStringParameters: oneOrMore,
  ...content,
});

/** Version 1 of the event, converted to version 2. */
export const latticeEventV1 = z
  .object({
    method: z.string(),
    raw_path: z.string(),
    headers: oneOrMore,
    query_string_parameters: oneOrMore,
    body: z.string().nullish(),
    is_base64_encoded: z.boolean().nullish(),
  })
  .transform(({ method, headers, body, ...event }) => ({
    method,
    path: event.raw_path,
    headers,
    queryStringParameters: event.query_string_parameters,
    body,
    isBase64Encoded: event.is_base64_encoded,
  }));
