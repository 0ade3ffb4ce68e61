import type { Header } from '../../../../adapter/http/message.ts';
import type { ClientReply, ClientRequest } from '../../../contract/platform-client.ts';
import type { Outcome } from './runtime-api.ts';

/** Turns HTTP into events and back: the reverse of adapter/platforms/lambda's request.ts and response.ts. */
export interface FrontEnd {
  event(request: ClientRequest): object;
  reply(outcome: Outcome): ClientReply;
}

/** API Gateway's REST API with Lambda proxy integration and binaryMediaTypes: any type (payload 1.0). */
export const restApi: FrontEnd = {
  event: ({ method, path, query, headers, body }) => {
    const values = decodedQuery(query);
    return {
      resource: '/{proxy+}',
      path,
      httpMethod: method,
      headers: lastValues(headers),
      multiValueHeaders: allValues(headers),
      queryStringParameters: lastValues(values),
      multiValueQueryStringParameters: allValues(values),
      pathParameters: { proxy: path.slice(1) },
      stageVariables: null,
      requestContext: {
        resourcePath: '/{proxy+}',
        httpMethod: method,
        path: `/prod${path}`,
        stage: 'prod',
        protocol: 'HTTP/1.1',
        identity: { sourceIp: '203.0.113.7' },
      },
      ...encoded(headers, body),
    };
  },
  reply: (outcome) => {
    const { statusCode, multiValueHeaders = {}, headers = {}, body, isBase64Encoded } = payload(outcome, sixMegabytes);
    return {
      status: statusCode,
      headers: [...flat(headers), ...flat(multiValueHeaders)],
      body: decoded(body, isBase64Encoded),
    };
  },
};

/** API Gateway's HTTP API (payload 2.0), which decodes the path. */
export const httpApi: FrontEnd = {
  event: (request) => payload2({ ...request, path: decodedPath(request.path) }, 'prod'),
  reply: payload2Reply,
};

/** A Lambda function URL in the invoke mode BUFFERED: the same events, with the original path. */
export const functionUrl: FrontEnd = { event: (request) => payload2(request, '$default'), reply: payload2Reply };

/** A Lambda function URL in the invoke mode RESPONSE_STREAM. */
export const streamingFunctionUrl: FrontEnd = {
  event: (request) => functionUrl.event(request),
  reply: ({ kind, headers, body }) => {
    const type = headers['content-type'];
    if (kind !== 'response' || type !== 'application/vnd.awslambda.http-integration-response') {
      return { status: 502, headers: [], body };
    }
    const end = body.indexOf(Buffer.alloc(8));
    const { statusCode, headers: single = {}, cookies = [] } = JSON.parse(body.subarray(0, end).toString()) as Payload;
    return { status: statusCode, headers: [...flat(single), ...cookieHeaders(cookies)], body: body.subarray(end + 8) };
  },
};

/** An Application Load Balancer whose target group has multi-value headers on or off. */
export function loadBalancer(multiValue: boolean): FrontEnd {
  return {
    event: ({ method, path, query, headers, body }) => {
      const pairs = rawQuery(query);
      const values = multiValue
        ? { multiValueQueryStringParameters: allValues(pairs), multiValueHeaders: allValues(lowerCase(headers)) }
        : { queryStringParameters: lastValues(pairs), headers: lastValues(lowerCase(headers)) };
      const target = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/model/49e9d65c45c6791a';
      const content = encoded(headers, body);
      return {
        requestContext: { elb: { targetGroupArn: target } },
        httpMethod: method,
        path,
        ...values,
        ...content,
        body: content.body ?? '',
      };
    },
    reply: (outcome) => {
      const answer = payload(outcome, oneMegabyte);
      const values = multiValue ? answer.multiValueHeaders : answer.headers;
      // For a reply in the other form, or without a status line, the load balancer answers 502.
      if (values === undefined || !/^\d{3} ./.test(answer.statusDescription ?? '')) {
        return { status: 502, headers: [], body: Buffer.from('the load balancer does not take this reply') };
      }
      return { status: answer.statusCode, headers: flat(values), body: decoded(answer.body, answer.isBase64Encoded) };
    },
  };
}

interface Payload {
  readonly statusCode: number;
  readonly statusDescription?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>>;
  readonly cookies?: readonly string[];
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

const sixMegabytes = 6 * 1024 * 1024;
const oneMegabyte = 1024 * 1024;

function payload({ kind, body }: Outcome, limit: number): Payload {
  if (kind !== 'response') throw new Error(`the function failed: ${body.toString()}`);
  if (body.length > limit) throw new Error(`the reply takes ${body.length} bytes, over the limit of ${limit}`);
  return JSON.parse(body.toString()) as Payload;
}

function payload2({ method, path, query, headers, body }: ClientRequest, stage: string): object {
  const cookies = headers.filter(isCookie).flatMap(([, value]) => value.split('; '));
  const rawPath = stage === '$default' ? path : `/${stage}${path}`;
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString: query,
    ...(cookies.length > 0 && { cookies }),
    headers: joined(lowerCase(headers).filter((header) => !isCookie(header))),
    ...(query !== '' && { queryStringParameters: joined(decodedQuery(query)) }),
    requestContext: {
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '203.0.113.7', userAgent: 'test' },
      stage,
    },
    ...encoded(headers, body),
  };
}

function isCookie([name]: Header): boolean {
  return name.toLowerCase() === 'cookie';
}

function payload2Reply(outcome: Outcome): ClientReply {
  const { statusCode, headers = {}, cookies = [], body, isBase64Encoded } = payload(outcome, sixMegabytes);
  return {
    status: statusCode,
    headers: [...flat(headers), ...cookieHeaders(cookies)],
    body: decoded(body, isBase64Encoded),
  };
}

function encoded(headers: readonly Header[], body: Uint8Array): { body: string | null; isBase64Encoded: boolean } {
  if (body.length === 0) return { body: null, isBase64Encoded: false };
  const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  const text = Buffer.from(body).toString();
  // UTF-8 text types are sent as text. What AWS does with other bytes of a text type is unknown.
  const isText = /^(text\/|application\/(json|javascript|xml))/.test(type) && Buffer.from(text).equals(body);
  return { body: isText ? text : Buffer.from(body).toString('base64'), isBase64Encoded: !isText };
}

function decoded(body: string, isBase64Encoded: boolean): Buffer {
  return Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
}

function flat(values: Readonly<Record<string, string | readonly string[]>>): Header[] {
  return Object.entries(values).flatMap(([name, value]) =>
    [value].flat().map((each): Header => [name.toLowerCase(), each]),
  );
}

function cookieHeaders(cookies: readonly string[]): Header[] {
  return cookies.map((cookie): Header => ['set-cookie', cookie]);
}

function lowerCase(headers: readonly Header[]): Header[] {
  return headers.map(([name, value]): Header => [name.toLowerCase(), value]);
}

function lastValues(pairs: readonly Header[]): Record<string, string> {
  return Object.fromEntries(pairs);
}

function allValues(pairs: readonly Header[]): Record<string, string[]> {
  return Object.fromEntries(
    pairs.map(([name]) => [name, pairs.filter(([other]) => other === name).map(([, value]) => value)]),
  );
}

function joined(pairs: readonly Header[]): Record<string, string> {
  return Object.fromEntries(Object.entries(allValues(pairs)).map(([name, values]) => [name, values.join(',')]));
}

function rawQuery(query: string): Header[] {
  if (query === '') return [];
  return query.split('&').map((pair): Header => {
    const at = pair.indexOf('=');
    return at === -1 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
  });
}

function decodedQuery(query: string): Header[] {
  return [...new URLSearchParams(query)].map(([name, value]): Header => [name, value]);
}

function decodedPath(path: string): string {
  return decodeURIComponent(path);
}
