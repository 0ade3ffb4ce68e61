import { join } from 'node:path';
import { gzipped } from './bodies.ts';
import { freePort } from '../support/free-port.ts';
import { predictPath } from './platform-cases.ts';

/** A model server for the adapter process to run. */
export interface TestModel {
  readonly name: string;
  /** Its row, and further variables of the image. */
  create(): Promise<{ readonly row: object; readonly environment: Readonly<Record<string, string>> }>;
}

const servers = join(import.meta.dirname, 'servers');

/** The echo app, in the adapter's own process. */
export const expressModel: TestModel = {
  name: 'an Express app',
  create: () => {
    const server = { kind: 'express', module: join(servers, 'express-echo.ts'), export: 'app' };
    return Promise.resolve({ row: { ...description, server }, environment: {} });
  },
};

/** The same echo server on Node's own HTTP server, which the adapter starts and calls over loopback. */
export const nodeModel: TestModel = httpModel("Node's http server", [process.execPath, 'node-echo.mjs']);

/** The same echo server written in Python, which speaks HTTP/1.0. */
export const pythonModel: TestModel = httpModel("Python's http.server", ['python3', 'python-echo.py']);

function httpModel(name: string, [program, file]: readonly [program: string, file: string]): TestModel {
  return {
    name,
    create: async () => {
      const port = await freePort();
      const server = {
        kind: 'http',
        port,
        environment: { PORT: String(port), GZIPPED: gzipped.toString('hex') },
        ready: { kind: 'get', path: '/status/200', status: [200, 200] },
      };
      const base = { entrypoint: [program, join(servers, file)], command: null, environment: {} };
      return { row: { ...description, server }, environment: { MODELWHISK_BASE: JSON.stringify(base) } };
    },
  };
}

const description = {
  name: 'echo',
  title: 'Echo',
  image: 'modelwhisk/echo',
  predict: { path: predictPath, input: { kind: 'json' } },
};
