import { join } from 'node:path';
import { freePort } from '../support/free-port.ts';
import type { TestModel } from './platform-models.ts';

const servers = join(import.meta.dirname, 'servers');

/** The server of streams, as an app in the adapter's process. */
export const expressStreams: TestModel = {
  name: 'an Express app',
  create: () => {
    const server = { kind: 'express', module: join(servers, 'streams.mjs'), export: 'app' };
    return Promise.resolve({ row: { ...description, server }, environment: {} });
  },
};

/** The same server in its own process, which the adapter calls over loopback. */
export const nodeStreams = httpModel("Node's http server", [process.execPath, 'streams.mjs']);

/** Most of its routes in Python with HTTP/1.0, whose replies end with the connection. */
export const pythonStreams = httpModel("Python's http.server", ['python3', 'streams.py']);

function httpModel(name: string, [program, file]: readonly [program: string, file: string]): TestModel {
  return {
    name,
    create: async () => {
      const port = await freePort();
      const ready = { kind: 'get', path: '/ready' };
      const server = { kind: 'http', port, environment: { PORT: String(port) }, ready };
      const base = { entrypoint: [program, join(servers, file)], command: null, environment: {} };
      return { row: { ...description, server }, environment: { MODELWHISK_BASE: JSON.stringify(base) } };
    },
  };
}

const description = {
  name: 'streams',
  title: 'Streams',
  image: 'modelwhisk/streams',
  predict: { path: '/predict', input: { kind: 'json' } },
};
