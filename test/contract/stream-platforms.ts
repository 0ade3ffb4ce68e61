import { PassThrough } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import { startListening } from '../adapter/adapter-process.ts';
import { scfEnvironment } from '../adapter/platforms/scf/host.ts';
import { invocation, startEndpoint } from '../adapter/platforms/sagemaker/start-endpoint.ts';
import { vertexEnvironment } from '../adapter/platforms/vertex/start-endpoint.ts';
import { startLambdaFunction } from '../adapter/platforms/lambda/start-lambda.ts';
import { openHttp, OpenReply, type OpenOptions, type StreamClient, type StreamPlatform } from './stream-client.ts';

/** The platforms that stream replies. */
export const streamPlatforms: readonly StreamPlatform[] = [
  overHttp('plain HTTP', (port) => ({ K_SERVICE: 'streams', PORT: port })),
  overHttp(
    'SCF web function',
    (port) => ({ ...scfEnvironment, MODELWHISK_PORT: port }),
    '',
    (timeLimit) => ({
      'X-Scf-Request-Id': 'a',
      'X-Scf-Timeout': String(timeLimit),
    }),
  ),
  overHttp('Azure Functions, requests proxied', (port) => ({ FUNCTIONS_CUSTOMHANDLER_PORT: port }), '/api'),
  // Requests also stream there, but may not be as long as the suite's.
  { ...overHttp('Vertex AI endpoint', vertexEnvironment), streamsRequests: false },
  {
    name: 'SageMaker endpoint',
    // The same.
    streamsRequests: false,
    sendsBodies: true,
    limitsEachCall: false,
    start: async (row, environment) => {
      const { port, adapter } = await startEndpoint(row, environment);
      return {
        adapter,
        open: (target, options = {}) => {
          const { method = 'GET', headers, send } = options;
          const route = Object.fromEntries(invocation(method, target));
          const body = send === undefined ? {} : { send };
          return openHttp(port, '/invocations', { method: 'POST', headers: { ...route, ...headers }, ...body });
        },
        close: async () => void (await adapter.stop()),
      };
    },
  },
  {
    name: 'Lambda behind a function URL that streams',
    streamsRequests: false,
    sendsBodies: false,
    limitsEachCall: true,
    start: startLambda,
  },
];

function overHttp(
  name: string,
  environmentOf: (port: string) => Readonly<Record<string, string>>,
  prefix = '',
  headersOf?: (timeLimit: number) => Readonly<Record<string, string>>,
): StreamPlatform {
  return {
    name,
    streamsRequests: true,
    sendsBodies: true,
    limitsEachCall: headersOf !== undefined,
    start: async (row, environment) => {
      const { port, adapter } = await startListening(row, (chosen) => ({ ...environmentOf(chosen), ...environment }));
      return {
        adapter,
        open: (target, options = {}) => {
          const headers = { ...headersOf?.(options.timeLimit ?? 30_000), ...options.headers };
          return openHttp(port, `${prefix}${target}`, { ...options, headers });
        },
        close: async () => void (await adapter.stop()),
      };
    },
  };
}

async function startLambda(row: object, environment: Readonly<Record<string, string>>): Promise<StreamClient> {
  const lambda = await startLambdaFunction(row, { ...environment, MODELWHISK_LAMBDA_RESPONSE_STREAM: 'true' });
  const open = (target: string, { method = 'GET', headers = {}, timeLimit }: OpenOptions = {}): Promise<OpenReply> =>
    new Promise((resolve) => {
      const [rawPath = '', rawQueryString = ''] = target.split('?');
      const http = { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' };
      const requestContext = { http, stage: '$default', requestId: 'a', domainName: 'x.lambda-url.aws' };
      const event = { version: '2.0', rawPath, rawQueryString, headers, requestContext, isBase64Encoded: false };
      void lambda.api.invoke(event, timeLimit, {}, (answer) => resolve(afterPrelude(answer)));
    });
  return { adapter: lambda, open, close: async () => void (await lambda.stop()) };
}

/** The reply of the service in front: the part of the answer after the prelude and eight NUL bytes. */
function afterPrelude(answer: IncomingMessage): Promise<OpenReply> {
  const body = new PassThrough();
  body.on('drain', () => answer.resume()).on('close', () => answer.destroy());
  answer.on('end', () => body.end()).on('error', (error) => body.destroy(error));
  return new Promise((resolve) => {
    let head: Buffer | undefined = Buffer.alloc(0);
    const take = (chunk: Buffer): void => {
      if (chunk.length > 0 && !body.write(chunk)) answer.pause();
    };
    answer.on('data', (chunk: Buffer) => {
      if (head === undefined) {
        take(chunk);
        return;
      }
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf(separator);
      if (end === -1) return;
      const { statusCode } = JSON.parse(head.toString('utf8', 0, end)) as { statusCode: number };
      resolve(new OpenReply(statusCode, body, () => answer.trailers));
      take(head.subarray(end + separator.length));
      head = undefined;
    });
  });
}

const separator = Buffer.alloc(8);
