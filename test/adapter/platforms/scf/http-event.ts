import * as z from 'zod';
import type { Header } from '../../../../adapter/http/message.ts';
import type { ClientReply, ClientRequest } from '../../../contract/platform-client.ts';

/** API Gateway with base64 switched on, API Gateway without, and a function URL. */
export type Trigger = 'gateway' | 'text gateway' | 'url';

/** The event that a trigger makes of a request (cloud.tencent.com/document/product/583: 12513 and 96099). */
export function httpEvent(kind: Trigger, { method, path, query, headers, body }: ClientRequest): object {
  const parameters = new URLSearchParams(query);
  const queryString = Object.fromEntries(
    [...parameters.keys()].map((name) => {
      const values = parameters.getAll(name);
      return [name, values.length === 1 ? values[0] : values];
    }),
  );
  const isBase64Encoded = kind === 'gateway';
  const common = {
    httpMethod: method,
    path,
    queryString,
    headers: joined(headers),
    // Invalid UTF-8 becomes U+FFFD, as in every JSON encoder.
    body: Buffer.from(body).toString(isBase64Encoded ? 'base64' : 'utf8'),
  };
  if (kind === 'url') return common;
  return {
    ...common,
    requestContext: {
      serviceId: 'service-f94sy04v',
      path,
      httpMethod: method,
      requestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
      identity: { secretId: 'abdcdxxxxxxxsdfs' },
      sourceIp: '14.17.22.34',
      stage: 'release',
    },
    queryStringParameters: {},
    pathParameters: {},
    headerParameters: {},
    stageVariables: { stage: 'release' },
    ...(isBase64Encoded && { isBase64Encoded }),
  };
}

/** The reply that the trigger's client gets for the function's result. */
export function readHttpReply(kind: Trigger, result: unknown): ClientReply {
  const { statusCode, headers, body, isBase64Encoded } = (kind === 'url' ? urlReply : gatewayReply).parse(result);
  return {
    status: statusCode,
    headers: Object.entries(headers).flatMap(([name, values]) => [values].flat().map((value): Header => [name, value])),
    body: Buffer.from(body, isBase64Encoded === true ? 'base64' : 'utf8'),
  };
}

const urlReply = z.strictObject({
  statusCode: z.int(),
  headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  body: z.string(),
  isBase64Encoded: z.undefined().optional(),
});

/** Anything else is errno 403, "invalid scf response format". */
const gatewayReply = urlReply.extend({ isBase64Encoded: z.boolean() });

function joined(headers: readonly Header[]): Record<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of headers) {
    const earlier = values.get(name.toLowerCase());
    values.set(name.toLowerCase(), earlier === undefined ? value : `${earlier}, ${value}`);
  }
  return Object.fromEntries(values);
}
