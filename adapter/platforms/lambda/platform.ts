import type { Platform } from '../platform.ts';

/** AWS Lambda (AWS Lambda developer guide, configuration-envvars and lambda-runtime-environment). */
export const lambda: Platform = {
  name: 'lambda',
  marks: /^AWS_LAMBDA_RUNTIME_API$/,
  settings: [
    {
      name: 'MODELWHISK_LAMBDA_RESPONSE_STREAM',
      meaning: '`true` if the URL or API of the function has the invoke mode RESPONSE_STREAM.',
      default: 'false',
    },
    {
      name: 'MODELWHISK_LAMBDA_BASE_PATH',
      meaning:
        "Prefix of paths before the model server's own, for example `/digits`: of a custom domain or a load balancer.",
      otherwise: 'no prefix',
    },
    {
      name: 'MODELWHISK_LAMBDA_CONTEXT_HEADERS',
      meaning:
        '`true`: the model server gets the contexts of the request and of the invocation as headers with JSON, see [docs/protocols/lambda.md](protocols/lambda.md).',
      default: 'true',
    },
    {
      name: 'MODELWHISK_LAMBDA_EVENT_PATH',
      meaning:
        'Path on the model server, for example `/events`, that takes all events without an HTTP request as they are, by POST. Its JSON is the result.',
      otherwise: 'events are inputs of the predict route',
    },
    {
      name: 'MODELWHISK_LAMBDA_ERROR_STATUSES',
      meaning: 'Statuses of replies to HTTP events that fail the invocation, for example `429,500-599`.',
      otherwise: 'none: every status is a reply',
    },
    {
      name: 'MODELWHISK_LAMBDA_COMPRESS',
      meaning:
        'Compresses whole replies for callers that accept it: `gzip`, `br`, or both with the preferred one first, as `br,gzip`.',
      default: 'off',
    },
    {
      name: 'MODELWHISK_LAMBDA_COMPRESS_TYPES',
      meaning: 'Media types that are compressed, separated by commas.',
      default: 'text/*,application/json,application/xml,application/x-ndjson,image/svg+xml',
    },
    {
      name: 'MODELWHISK_LAMBDA_COMPRESS_LEAST_BYTES',
      meaning: 'Shortest body that is compressed, in bytes.',
      default: '1024',
    },
    {
      name: 'MODELWHISK_LAMBDA_BEFORE_SNAPSHOT',
      meaning: 'Path on the model server that gets an empty POST before the snapshot of SnapStart.',
      otherwise: 'none',
    },
    {
      name: 'MODELWHISK_LAMBDA_AFTER_RESTORE',
      meaning: 'Path on the model server that gets an empty POST after each restore, before the first call.',
      otherwise: 'none',
    },
  ],
  // They include the credentials of the function's role. The region is not secret.
  withheld:
    /^(_?LAMBDA_|_X_AMZN_|_HANDLER$|AWS_(LAMBDA_|ACCESS_KEY|SECRET_|SESSION_TOKEN$|SECURITY_TOKEN$|EXECUTION_ENV$|XRAY_|CONTAINER_))/,
  // Lambda does not call a port. The adapter asks for events.
  port: () => 8080,
  freezes: true,
  // Lambda allows 10 s, but more with provisioned concurrency or managed instances.
  listenDeadline: (environment) =>
    (environment['AWS_LAMBDA_INITIALIZATION_TYPE'] ?? 'on-demand') === 'on-demand' ? 9000 : undefined,
  load: async () => (await import('./server.ts')).startLambda,
  reportFailedStart: async (environment, failure) => {
    if (!environment['AWS_LAMBDA_RUNTIME_API']) return;
    const { reportFailedStart } = await import('./failed-start.ts');
    await reportFailedStart(environment['AWS_LAMBDA_RUNTIME_API'], failure);
  },
};
