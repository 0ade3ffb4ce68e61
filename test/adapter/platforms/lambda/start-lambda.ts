import type { PlatformClient, StartPlatformClient } from '../../../contract/platform-client.ts';
import { type ChildProcess, spawnAdapter, type SpawnOptions } from '../../adapter-process.ts';
import type { FrontEnd } from './front-ends.ts';
import { FakeRuntimeApi } from './runtime-api.ts';

export interface LambdaFunction extends ChildProcess {
  readonly api: FakeRuntimeApi;
}

/** Lambda's variables, without the address of the Runtime API. */
export const lambdaEnvironment = {
  AWS_LAMBDA_FUNCTION_NAME: 'model',
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_REGION: 'us-east-1',
} as const;

/** Starts the adapter in the environment of a Lambda function. */
export async function startLambdaFunction(
  row: object,
  environment: Readonly<Record<string, string>> = {},
  user: SpawnOptions = {},
): Promise<LambdaFunction> {
  const api = new FakeRuntimeApi();
  const address = { AWS_LAMBDA_RUNTIME_API: await api.listen() };
  const child = await spawnAdapter(row, { ...address, ...lambdaEnvironment, ...environment }, user);
  return {
    ...child,
    api,
    async stop(signal) {
      const code = await child.stop(signal);
      await api.close();
      return code;
    },
  };
}

/** A client of the function behind one of the services. */
export function behind(frontEnd: FrontEnd, settings: Readonly<Record<string, string>> = {}): StartPlatformClient {
  return async (row, environment): Promise<PlatformClient> => {
    const lambda = await startLambdaFunction(row, { ...environment, ...settings });
    return {
      async send(request) {
        return frontEnd.reply(await lambda.api.invoke(frontEnd.event(request), request.timeLimit));
      },
      async close() {
        await lambda.stop();
      },
    };
  };
}
