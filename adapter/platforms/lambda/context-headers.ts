import { withoutHeaders } from '../../http/headers.ts';
import type { Header } from '../../http/message.ts';
import { isJsonObject } from '../../json/object.ts';
import type { LambdaInvocation } from './runtime-api.ts';

/**
 * Headers about the invocation for the model server (docs/protocols/lambda.md): Lambda's request id, the trace, the
 * tenant, and `x-amzn-lambda-context`, JSON with all information of the Runtime API about it.
 *
 * @param isFull whether to add more than the request id and the trace
 */
export function contextHeaders(invocation: LambdaInvocation, isFull = false): Header[] {
  const { id, traceId, deadline, functionArn, tenantId, clientContext, identity } = invocation;
  const headers: Header[] = [['x-amzn-requestid', id]];
  if (traceId !== undefined) headers.push(['x-amzn-trace-id', traceId]);
  if (!isFull) return headers;
  if (tenantId !== undefined) headers.push(['x-amz-tenant-id', tenantId]);
  const context = {
    request_id: id,
    deadline,
    invoked_function_arn: functionArn,
    xray_trace_id: traceId,
    tenant_id: tenantId,
    client_context: jsonOrText(clientContext),
    identity: jsonOrText(identity),
  };
  return [...headers, ...jsonHeader('x-amzn-lambda-context', context)];
}

/**
 * Headers with the information of the service in front of the function about the request: `x-amzn-request-context`, its
 * `requestContext`, and `x-amzn-request-authorizer`, the authorizer's part of that.
 */
export function requestContextHeaders(requestContext: unknown): Header[] {
  if (!isJsonObject(requestContext)) return [];
  const { authorizer } = requestContext;
  return [
    ...jsonHeader('x-amzn-request-context', requestContext),
    ...(authorizer === undefined || authorizer === null ? [] : jsonHeader('x-amzn-request-authorizer', authorizer)),
  ];
}

/** The caller's headers without these names, which a model server would mistake for Lambda's. */
export function withoutContextHeaders(headers: readonly Header[]): readonly Header[] {
  return withoutHeaders(headers, names);
}

const names = [
  'x-amzn-requestid',
  'x-amzn-lambda-context',
  'x-amz-tenant-id',
  'x-amzn-request-context',
  'x-amzn-request-authorizer',
];

/**
 * Model servers refuse a request if a header is longer than about 8 KB. Such a header is dropped, so that the call
 * succeeds.
 */
const longest = 8000;

function jsonHeader(name: string, value: unknown): Header[] {
  const text = JSON.stringify(value).replaceAll(
    /[^\x20-\x7e]/g,
    (character) => String.raw`\u` + character.charCodeAt(0).toString(16).padStart(4, '0'),
  );
  if (text.length <= longest) return [[name, text]];
  console.error(`modelwhisk: header ${name} is left out: it would have ${text.length} bytes, more than ${longest}`);
  return [];
}

function jsonOrText(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
