import { join } from 'node:path';
import { freePort } from '../../support/free-port.ts';

/** The kinds of model server. The same plain JavaScript module works as both. */
export const kinds = ['express', 'http'] as const;
export type Kind = (typeof kinds)[number];

/** The settings of a model server: MODELWHISK_MODEL and MODELWHISK_BASE. */
export interface ServerSetting {
  readonly row: object;
  readonly environment: Readonly<Record<string, string>>;
}

export interface ServerChoice {
  /** Variables for the model server. An Express app has the adapter's. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Override the row's `server` and `predict`. */
  readonly server?: object;
  readonly predict?: object;
  /** Starts the program of an http model server. Default: Node.js itself. */
  readonly entrypoint?: readonly string[];
}

/** Settings for a module in test/robustness/servers, loaded by the adapter or started as a program. */
export async function serverSetting(kind: Kind, file: string, choice: ServerChoice = {}): Promise<ServerSetting> {
  const module = join(import.meta.dirname, '../servers', file);
  const { environment = {}, entrypoint = [process.execPath] } = choice;
  const predict = { path: '/predict', input: { kind: 'json' }, ...choice.predict };
  const common = { name: 'subject', title: 'Subject', image: 'test/subject', predict };
  if (kind === 'express') return { row: { ...common, server: { kind, module, ...choice.server } }, environment };
  const port = await freePort();
  const server = { kind, port, environment: { ...environment, PORT: String(port) }, ...choice.server };
  const base = { entrypoint: [...entrypoint, module], command: null, environment: {} };
  return { row: { ...common, server }, environment: { MODELWHISK_BASE: JSON.stringify(base) } };
}

/** The row for servers/worker.mjs in an image of makeAdapterImage. */
export function workerRow(kind: Kind): object {
  const server =
    kind === 'express'
      ? { kind, module: '/servers/worker.mjs' }
      : { kind, port: 5000, environment: { PORT: '5000' }, command: ['/node', '/servers/worker.mjs'] };
  const predict = { path: '/predict', input: { kind: 'json' } };
  return { name: 'worker', title: 'Worker', image: 'test/worker', server, predict };
}
