import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildCli, type CliResult } from '../../support/build-cli.ts';
import { startRegistry, type TestRegistry } from '../../support/registry.ts';
import { pushNodeImage } from '../../image/registry/support/base-images.ts';

/** A registry, and `build.ts` on a machine without a Docker engine and Docker configuration. */
export interface RegistryCli {
  readonly registry: TestRegistry;
  readonly host: string;
  /** The user's home, which is removed afterwards. */
  readonly folder: string;
  /** Runs `build.ts`. Commands that make or check layers also need `layers`. */
  run(
    words: readonly string[],
    signal?: AbortSignal,
    more?: Readonly<Record<string, string | undefined>>,
  ): Promise<CliResult>;
  /** Flags for a Node.js image in the registry, with texts instead of programs. */
  readonly layers: readonly string[];
  close(): Promise<void>;
}

export async function startRegistryCli(): Promise<RegistryCli> {
  const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-cli-'));
  const registry = await startRegistry();
  const { host } = registry;
  await pushNodeImage(host, 'library/node', '24');
  const environment = {
    PATH: '/nonexistent',
    HOME: folder,
    DOCKER_CONFIG: folder,
    XDG_CACHE_HOME: join(folder, 'cache'),
  };
  return {
    registry,
    host,
    folder,
    layers: ['--runtime-image', `${host}/library/node:24`],
    run: async (words, signal, more) => buildCli(words, { ...environment, ...more }, signal),
    close: async () => {
      await registry.close();
      await rm(folder, { recursive: true });
    },
  };
}
