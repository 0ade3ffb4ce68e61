import { join } from 'node:path';
import { gzipped } from './bodies.ts';
import { freePort } from '../support/free-port.ts';
import { predictPath } from './platform-cases.ts';

/** A model server for the adapter process to run: its row, and what the image's environment would hold besides. */
export interface TestModel {
  readonly row: object;
  readonly environment: Readonly<Record<string, string>>;
}

/** The echo app, in the adapter's own process. */
export function expressModel(): Promise<TestModel> {
  const server = { kind: 'express', module: join(servers, 'express-echo.ts'), export: 'app' };
  return Promise.resolve({ row: { ...description, server }, environment: {} });
}

/** The same echo server written in Python, which the adapter starts and calls over loopback. */
export async function pythonModel(): Promise<TestModel> {
  const port = await freePort();
  const server = {
    kind: 'http',
    port,
    environment: { PORT: String(port), GZIPPED: gzipped.toString('hex') },
    ready: { kind: 'get', path: '/status/200', status: [200, 200] },
  };
  const base = { entrypoint: ['python3', join(servers, 'python-echo.py')], command: null, environment: {} };
  return { row: { ...description, server }, environment: { MODELWHISK_BASE: JSON.stringify(base) } };
}

const servers = join(import.meta.dirname, 'servers');

const description = {
  name: 'echo',
  title: 'Echo',
  image: 'modelwhisk/echo',
  predict: { path: predictPath, input: { kind: 'json' } },
};
