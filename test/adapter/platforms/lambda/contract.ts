import type { Exception, PlatformSuite, PlatformLimits } from '../../../contract/platform-suite.ts';
import { functionUrl, httpApi, loadBalancer, restApi, streamingFunctionUrl } from './front-ends.ts';
import { behind } from './start-lambda.ts';

const joinsHeaders: Exception = {
  reason: 'events of payload 2.0 join repeated headers with commas',
  arrives: { headers: { 'x-tag': ['one,two, three'] } },
};

/** Lambda accepts 6 MB of JSON, with bytes as base64. */
const lambda: PlatformLimits = { largestBody: 4_600_000, replyTooLarge: 5_000_000 };

/** A load balancer accepts 1 MB of JSON. */
const alb: PlatformLimits = { largestBody: 770_000, replyTooLarge: 800_000 };

const groupsQuery: Exception = {
  reason: 'a load balancer groups the query by name, and writes a name without a value with "="',
  arrives: { query: 'b=1&b=3&a=2&empty=&flag=&plus=a+b&percent=%20%3d&utf8=%C3%A9' },
};

export const suites: readonly PlatformSuite[] = [
  {
    name: 'Lambda behind a REST API',
    start: behind(restApi),
    limits: {
      ...lambda,
      exceptions: {
        'a query arrives as it was written': {
          reason: 'API Gateway decodes the query and groups it by name',
          arrives: { query: 'b=1&b=3&a=2&empty=&flag=&plus=a%20b&percent=%20%3D&utf8=%C3%A9' },
        },
      },
    },
  },
  {
    name: 'Lambda behind an HTTP API',
    start: behind(httpApi),
    limits: {
      ...lambda,
      exceptions: {
        'a percent-encoded path arrives as it was sent': {
          reason: 'API Gateway decodes the path',
          arrives: { path: '/echo/a/b%20c/%C3%A9;v=1/~x' },
        },
        'repeated headers arrive apart': joinsHeaders,
      },
    },
  },
  {
    name: 'Lambda behind a function URL',
    start: behind(functionUrl),
    limits: {
      ...lambda,
      exceptions: { 'repeated headers arrive apart': joinsHeaders },
    },
  },
  {
    name: 'Lambda behind a function URL that streams',
    start: behind(streamingFunctionUrl, { MODELWHISK_LAMBDA_RESPONSE_STREAM: 'true' }),
    limits: { largestBody: lambda.largestBody, exceptions: { 'repeated headers arrive apart': joinsHeaders } },
  },
  {
    name: 'Lambda behind a load balancer with multi-value headers',
    start: behind(loadBalancer(true)),
    limits: {
      ...alb,
      exceptions: { 'a query arrives as it was written': groupsQuery },
    },
  },
  {
    name: 'Lambda behind a load balancer without multi-value headers',
    start: behind(loadBalancer(false)),
    limits: {
      ...alb,
      exceptions: {
        'repeated query keys arrive, in order': {
          reason: 'without multi-value headers a load balancer sends the last value only',
          arrives: { query: 'a=2&b=3' },
        },
        'a query arrives as it was written': {
          reason: 'without multi-value headers a load balancer sends the last value only',
          arrives: { query: 'b=3&a=2&empty=&flag=&plus=a+b&percent=%20%3d&utf8=%C3%A9' },
        },
        'repeated headers arrive apart': {
          reason: 'without multi-value headers a load balancer sends the last value only',
          arrives: { headers: { 'x-tag': ['two, three'] } },
        },
      },
    },
  },
];
