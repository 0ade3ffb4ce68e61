import type { PlatformSuite } from '../../../contract/platform-suite.ts';
import { sendHttp } from '../../http-client.ts';
import { predictRoute, startEndpoint } from './start-endpoint.ts';

export const suites: readonly PlatformSuite[] = [
  {
    name: 'a Vertex AI endpoint',
    start: async (row, environment) => {
      // Vertex AI does not say how long it waits; 5 seconds leave a busy machine time for the calls that are answered.
      const { port, adapter } = await startEndpoint(row, { ...environment, MODELWHISK_VERTEX_TIMEOUT: '5000' });
      return {
        // A raw prediction has no path; an endpoint with an invoke route passes any other.
        send: (request) => sendHttp(port, { ...request, path: request.path === '/' ? predictRoute : request.path }),
        close: async () => void (await adapter.stop()),
      };
    },
    limits: { largestBody: 5 * 1024 * 1024 },
  },
];
