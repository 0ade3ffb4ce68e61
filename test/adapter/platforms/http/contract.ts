import type { PlatformSuite } from '../../../contract/platform-suite.ts';
import { sendHttp } from '../../http-client.ts';
import { startOnPort } from './start.ts';

export const suites: readonly PlatformSuite[] = [
  {
    name: 'plain HTTP',
    start: async (row, environment) => {
      // The platform does not say how long it waits; 5 seconds leave a busy machine time for the calls that are answered.
      const { port, adapter } = await startOnPort(row, { ...environment, MODELWHISK_HTTP_TIMEOUT: '5000' });
      return {
        send: (request) => sendHttp(port, request),
        close: async () => void (await adapter.stop()),
      };
    },
    limits: {
      largestBody: 5 * 1024 * 1024,
      exceptions: {
        'the path "/" is the predict route': {
          reason: 'paths pass as they are, "/" being a path that a model server may have',
          reply: { status: 404 },
        },
      },
    },
  },
];
