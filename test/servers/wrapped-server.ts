import { connect } from 'node:net';
import { messageOf } from '../../core/errors.ts';
import type { ModelRow } from '../../core/row.ts';
import { findRow } from '../../image/catalogue/catalogue.ts';
import { guessRow } from '../../image/catalogue/guess.ts';
import { fillTemplate } from '../../image/catalogue/template.ts';
import { wrapConfig } from '../../image/engines/wrap-config.ts';
import { spawnAdapter } from '../adapter/adapter-process.ts';
import { rows } from '../image/rows.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { environmentOf, withPrograms } from './environment.ts';
import type { Described, ServerCase } from './server-case.ts';

/** A server behind the adapter, on the platform `http`. */
export interface WrappedServer {
  readonly row: ModelRow;
  /** The lines of build.ts about the guess. */
  readonly guesses: readonly string[];
  /** Port of the adapter. */
  readonly port: number;
  /** Port of the model server. */
  readonly direct: number;
  /** The output of adapter and server so far. */
  readonly output: () => string;
  /** Whether the adapter's process has ended. */
  readonly ended: () => boolean;
  /** Sends SIGTERM and resolves with the exit code. */
  readonly stop: () => Promise<number | null>;
}

/** Starts a server, see launch, and waits until the adapter listens. Rejects with all output if it does not. */
export async function startWrapped(...parameters: Parameters<typeof launch>): Promise<WrappedServer> {
  const wrapped = await launch(...parameters);
  const { port, output, ended } = wrapped;
  await eventually('the adapter listens', async () => ended() || accepts(port), Boolean, 180).catch(async (error) => {
    await wrapped.stop();
    throw new Error(`${messageOf(error)}: ${output()}`);
  });
  if (ended()) throw new Error(`the adapter ended: ${output()}`);
  return wrapped;
}

/**
 * Starts the adapter with the settings that build.ts would write into the server's image, without waiting for it.
 *
 * @param host of the files that calls name, "127.0.0.1:PORT"
 * @param environment variables that the operator sets
 */
export async function launch(
  server: ServerCase,
  described: Described,
  host: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<WrappedServer> {
  const { row, guesses } = describeServer(server, described);
  const { name, config } = server.image;
  const { Env } = wrapConfig({ name, digest: undefined, config }, row);
  const { venv, scratch } = environmentOf(server);
  const port = await freePort();
  const adapter = await spawnAdapter(
    row,
    {
      HOME: scratch,
      ...Object.fromEntries((Env ?? []).map((pair) => [pair.split('=')[0], pair.replace(/^[^=]*=/, '')])),
      PATH: withPrograms(venv),
      MODELWHISK_PLATFORM: 'http',
      MODELWHISK_PORT: String(port),
      MODELWHISK_FETCH_ALLOW_HOSTS: host,
      ...environment,
    },
    { cwd: server.directory },
  );
  let ended = false;
  void adapter.exited.then(() => (ended = true));
  return {
    row,
    guesses,
    port,
    direct: row.server.kind === 'http' ? row.server.port : 0,
    output: () => `${adapter.output().stdout}${adapter.output().stderr}`,
    ended: () => ended,
    stop: async () => adapter.stop(),
  };
}

function describeServer({ image }: ServerCase, described: Described): { row: ModelRow; guesses: readonly string[] } {
  switch (described.by) {
    case 'guess':
      return guessRow({ image: image.name, config: image.config, catalogue: rows, ...described.flags });
    case 'template':
      return { row: fillTemplate(findRow(rows, described.name), described.values), guesses: [] };
  }
}

/** Whether something listens. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => socket.destroy());
    socket.once('close', (failed) => resolve(!failed));
    socket.once('error', () => undefined);
  });
}
