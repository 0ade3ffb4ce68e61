import type { StartPlatformClient } from '../../../contract/platform-client.ts';
import type { PlatformSuite } from '../../../contract/platform-suite.ts';
import { sendHttp } from '../../http-client.ts';
import { invocation, startEndpoint } from './start-endpoint.ts';

/** Calls as SageMaker makes them: POST /invocations, with the route of the model server in the custom attributes. */
function endpoint(kind: string): StartPlatformClient {
  return async (row, environment) => {
    // SageMaker does not say how long it waits; 5 seconds leave a busy machine time for the calls that are answered.
    const limits = { MODELWHISK_SAGEMAKER_ENDPOINT: kind, MODELWHISK_SAGEMAKER_TIMEOUT: '5000' };
    const { port, adapter } = await startEndpoint(row, { ...environment, ...limits });
    return {
      send: ({ method, path, query, headers, body }) => {
        const route = path === '/' ? [] : invocation(method, query === '' ? path : `${path}?${query}`);
        const call = { method: 'POST', path: '/invocations', query: '', headers: [...headers, ...route], body };
        return sendHttp(port, call);
      },
      close: async () => void (await adapter.stop()),
    };
  };
}

export const suites: readonly PlatformSuite[] = [
  { name: 'a SageMaker endpoint', start: endpoint('real-time'), limits: { largestBody: 5 * 1024 * 1024 } },
  {
    name: 'a SageMaker serverless endpoint',
    start: endpoint('serverless'),
    limits: { largestBody: 4 * 1024 * 1024, replyTooLarge: 4 * 1024 * 1024 + 1 },
  },
];
