import { createHttpModelServer } from '../../adapter/model/http.ts';
import { gzipped } from './bodies.ts';
import { freePort } from '../support/free-port.ts';
import type { ContractSubject } from './suite.ts';

/** A server in a child process, on the port in its variable PORT. */
export function httpSubject(entrypoint: string[]): ContractSubject {
  return {
    ownProcess: true,
    create: async (log) => {
      const port = await freePort();
      const environment = { PORT: String(port), GZIPPED: gzipped.toString('hex') };
      return createHttpModelServer({
        server: {
          kind: 'http',
          port,
          environment,
          ready: { kind: 'get', path: '/status/200', status: [200, 200] },
          background: false,
          forceNoStream: false,
        },
        base: { entrypoint, command: null, environment: {} },
        environment: process.env,
        log,
      });
    },
  };
}
