import { mergedJson, type Parameters, type Result } from './front.ts';

/** The event for serverless-http and serverless-express: AWS API Gateway, payload 1.0. */
export function gatewayEvent(parameters: Parameters): object {
  const json = mergedJson(parameters);
  return {
    httpMethod: parameters.__ow_method.toUpperCase(),
    path: parameters.__ow_path,
    resource: '/{proxy+}',
    headers: parameters.__ow_headers,
    multiValueHeaders: Object.fromEntries(
      Object.entries(parameters.__ow_headers).map(([name, value]) => [name, [value]]),
    ),
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    pathParameters: null,
    requestContext: { identity: { sourceIp: '127.0.0.1' }, path: parameters.__ow_path, stage: '' },
    body: json ?? parameters.__ow_body ?? null,
    isBase64Encoded: json === undefined && parameters.__ow_body !== undefined,
  };
}

/** Converts the result of their handlers. */
export function webResult(result: unknown): Result {
  const { statusCode, headers, multiValueHeaders, body } = result as Result & { multiValueHeaders?: Result['headers'] };
  return { statusCode, headers: { ...headers, ...multiValueHeaders }, body };
}
