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
  ],
  // They include the credentials of the function's role. The region is not secret.
  withheld:
    /^(_?LAMBDA_|_X_AMZN_|_HANDLER$|AWS_(LAMBDA_|ACCESS_KEY|SECRET_|SESSION_TOKEN$|SECURITY_TOKEN$|EXECUTION_ENV$|XRAY_|CONTAINER_))/,
  // Lambda does not call a port. The adapter asks for events.
  port: () => 8080,
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
