import { join } from 'node:path';
import { freePort } from '../../../support/free-port.ts';
import { startOnPort } from '../http/start.ts';

/** A kind of model server that a fixture can be. */
export type ModelServerKind = 'an Express app' | 'an http model server';

export const modelServerKinds: readonly ModelServerKind[] = ['an Express app', 'an http model server'];

/** Starts the adapter on plain HTTP in front of a module of fixtures/, as this kind of model server. */
export async function startFixture(
  name: string,
  kind: ModelServerKind,
  environment: Readonly<Record<string, string>> = {},
): ReturnType<typeof startOnPort> {
  const fixture = join(import.meta.dirname, 'fixtures', name);
  const row = { name: 'a', title: 'A', image: 'me/a', predict: { path: '/', input: { kind: 'json' } } };
  if (kind === 'an Express app') {
    return startOnPort({ ...row, server: { kind: 'express', module: fixture, export: 'app' } }, environment);
  }
  const port = await freePort();
  const ready = { kind: 'get', path: '/ready' };
  const server = { kind: 'http', port, environment: { PORT: String(port) }, ready };
  const base = { entrypoint: [process.execPath, fixture], command: null, environment: {} };
  return startOnPort({ ...row, server }, { MODELWHISK_BASE: JSON.stringify(base), ...environment });
}
