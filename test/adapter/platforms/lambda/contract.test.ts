import { type Exception, platformContractSuite, type PlatformLimits } from '../../../contract/platform-suite.ts';
import { functionUrl, httpApi, loadBalancer, restApi, streamingFunctionUrl } from './front-ends.ts';
import { behind } from './start-lambda.ts';

const joinsHeaders: Exception = {
  reason: 'events of payload 2.0 join repeated headers with commas',
  arrives: { headers: { 'x-tag': ['one,two, three'] } },
};

/** Lambda takes 6 MB of JSON, in which bytes are base64. */
const lambda: PlatformLimits = { largestBody: 4_600_000, replyTooLarge: 5_000_000 };

platformContractSuite('Lambda behind a REST API', behind(restApi), {
  ...lambda,
  exceptions: {
    'a query arrives as it was written': {
      reason: 'API Gateway decodes the query and groups it by name',
      arrives: { query: 'b=1&b=3&a=2&empty=&flag=&plus=a%20b&percent=%20%3D&utf8=%C3%A9' },
    },
  },
});

platformContractSuite('Lambda behind an HTTP API', behind(httpApi), {
  ...lambda,
  exceptions: {
    'a percent-encoded path arrives as it was sent': {
      reason: 'API Gateway decodes the path',
      arrives: { path: '/echo/a/b%20c/%C3%A9;v=1/~x' },
    },
    'repeated headers arrive apart': joinsHeaders,
  },
});

platformContractSuite('Lambda behind a function URL', behind(functionUrl), {
  ...lambda,
  exceptions: { 'repeated headers arrive apart': joinsHeaders },
});

platformContractSuite(
  'Lambda behind a function URL that streams',
  behind(streamingFunctionUrl, { MODELWHISK_LAMBDA_RESPONSE_STREAM: 'true' }),
  { largestBody: lambda.largestBody, exceptions: { 'repeated headers arrive apart': joinsHeaders } },
);

/** A load balancer takes 1 MB of JSON. */
const alb: PlatformLimits = { largestBody: 770_000, replyTooLarge: 800_000 };

const groupsQuery: Exception = {
  reason: 'a load balancer groups the query by name, and writes a name without a value with "="',
  arrives: { query: 'b=1&b=3&a=2&empty=&flag=&plus=a+b&percent=%20%3d&utf8=%C3%A9' },
};

platformContractSuite('Lambda behind a load balancer with multi-value headers', behind(loadBalancer(true)), {
  ...alb,
  exceptions: { 'a query arrives as it was written': groupsQuery },
});

platformContractSuite('Lambda behind a load balancer without multi-value headers', behind(loadBalancer(false)), {
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
});
