import type { Platform } from '../platform.ts';

/** AWS Lambda (AWS Lambda developer guide, configuration-envvars and lambda-runtime-environment). */
export const lambda: Platform = {
  name: 'lambda',
  marks: /^AWS_LAMBDA_RUNTIME_API$/,
  settings: [
    {
      name: 'MODELWHISK_LAMBDA_RESPONSE_STREAM',
      meaning: '`true` where the URL or API of the function has the invoke mode RESPONSE_STREAM.',
      default: 'false',
    },
    {
      name: 'MODELWHISK_LAMBDA_BASE_PATH',
      meaning:
        "What paths start with besides the model server's own, as `/digits`: of a custom domain or a load balancer.",
      otherwise: 'nothing',
    },
  ],
  // The function's role among them. Its region is no secret.
  withheld:
    /^(_?LAMBDA_|_X_AMZN_|_HANDLER$|AWS_(LAMBDA_|ACCESS_KEY|SECRET_|SESSION_TOKEN$|SECURITY_TOKEN$|EXECUTION_ENV$|XRAY_|CONTAINER_))/,
  // Lambda calls no port: the adapter asks for its events.
  port: () => 8080,
  // Lambda allows 10 s, but not where concurrency is provisioned beforehand or the instances are managed ones.
  listenDeadline: (environment) =>
    (environment['AWS_LAMBDA_INITIALIZATION_TYPE'] ?? 'on-demand') === 'on-demand' ? 9000 : undefined,
  load: async () => (await import('./server.ts')).startLambda,
  reportFailedStart: async (environment, failure) => {
    if (!environment['AWS_LAMBDA_RUNTIME_API']) return;
    const { reportFailedStart } = await import('./failed-start.ts');
    await reportFailedStart(environment['AWS_LAMBDA_RUNTIME_API'], failure);
  },
};
