import { checksum } from '../../core/checksum.ts';
import { ModelwhiskError } from '../../core/errors.ts';
import { modelRow, type ModelRow, runtimeRow } from '../../core/row.ts';
import { packageVersion } from '../layers/package-version.ts';
import type { ContainerConfig } from '../container-config.ts';
import { initPath } from '../layers/init.ts';

/** A model image as found, before the adapter is laid onto it. */
export interface ModelImage {
  /** Its reference, as the user wrote it. */
  readonly name: string;
  /** Digest of its manifest (of the index, where it has one), "sha256:…"; undefined for an image no registry holds. */
  readonly digest: string | undefined;
  readonly config: ContainerConfig;
}

/**
 * The configuration of the image with the adapter on top: the adapter is its entrypoint, and everything that is
 * particular to the model travels as environment and labels, so that the layers are the same for all of them.
 * Working directory, user, volumes and all other environment stay as the base has them.
 *
 * @throws ModelwhiskError code `BASE_IMAGE` when the base cannot be wrapped
 */
export function wrapConfig(base: ModelImage, row: ModelRow): ContainerConfig {
  refuseUnusable(base, row);
  const { config } = base;
  const environment = new Map((config.Env ?? []).map(parseVariable));
  const usesBaseNode = row.server.kind === 'express' && nodeMajor(environment.get('NODE_VERSION')) >= 18;
  // These would change the adapter's own loader and Node.js, so they are emptied, and the model server gets the values
  // that are kept here. An Express app runs in the adapter's process, in the base's Node.js; it needs some of them from
  // the start.
  const concernsAdapter = usesBaseNode ? /^NODE_(?!OPTIONS$|PATH$|VERSION$)/ : /^(LD_|NODE_(?!VERSION$))/;
  const hidden = [...environment].filter(([name]) => concernsAdapter.test(name));
  for (const [name] of hidden) environment.set(name, '');
  const model = JSON.stringify(runtimeRow(row));
  const start = JSON.stringify({
    entrypoint: orNull(config.Entrypoint),
    command: orNull(config.Cmd),
    environment: Object.fromEntries(hidden),
    ...(config.StopSignal ? { stopSignal: config.StopSignal } : {}),
  });
  environment.set('MODELWHISK_MODEL', model);
  environment.set('MODELWHISK_BASE', start);
  environment.set('MODELWHISK_CHECKSUM', checksum(model, start));
  return {
    ...config,
    Env: [...environment].map(([name, value]) => `${name}=${value}`),
    Entrypoint: adapterEntrypoint(row, { usesBaseNode }),
    Cmd: null,
    ExposedPorts: { ...config.ExposedPorts, '8080/tcp': {} },
    Labels: { ...config.Labels, ...labelsOf(base, row) },
    // The base's check was written for a container that holds nothing but the model server.
    ...(config.Healthcheck ? { Healthcheck: { Test: ['NONE'] } } : {}),
  };
}

/**
 * The entrypoint of every image with the adapter in it.
 *
 * @param usesBaseNode whether the adapter runs in the image's own Node.js
 */
export function adapterEntrypoint(row: ModelRow, { usesBaseNode }: { readonly usesBaseNode: boolean }): string[] {
  return [`/${initPath}`, ...(usesBaseNode ? ['node'] : loader), ...nodeFlags(row), adapterMain];
}

/** The command that runs Node.js in a container of a wrapped image, as the adapter is run. */
export function nodeCommand({ Entrypoint }: ContainerConfig): readonly string[] {
  // Between the init process and the adapter.
  return Entrypoint?.slice(1, -1) ?? [];
}

/** @throws ModelwhiskError code `BASE_IMAGE` when the adapter is already in an image */
export function refuseWrapped(name: string, { Labels }: ContainerConfig): void {
  if (Labels?.[modelLabel] === undefined) return;
  throw new ModelwhiskError('BASE_IMAGE', `${name} already has the adapter in it`, {
    hint: `use the image that it was made from: ${Labels[baseNameLabel] ?? 'see its labels'}`,
  });
}

/** Label that tells an image of ours from others. Its value is the model's name. */
export const modelLabel = 'dev.modelwhisk.model';

/** Label with the version of the adapter. */
export const versionLabel = 'dev.modelwhisk.version';

/** Label with the whole row as JSON. MODELWHISK_MODEL holds only what the adapter needs of it. */
export const rowLabel = 'dev.modelwhisk.row';

// Those of the OCI image specification 1.1, annotations.md.
export const baseNameLabel = 'org.opencontainers.image.base.name';
export const baseDigestLabel = 'org.opencontainers.image.base.digest';

const runtime = '/modelwhisk/runtime';
const loader = [`${runtime}/lib/ld.so`, '--library-path', `${runtime}/lib`, `${runtime}/node`] as const;
const adapterMain = '/modelwhisk/adapter/main.cjs';

/**
 * V8's flags of the adapter's process.
 *
 * An Express app: V8 allocates objects as old ones at places in the code where most of them lived long before. It
 * learns that while an app is loaded, and is wrong for calls: a third of what they allocate waits for the slow garbage
 * collection. Without that, a small call takes 180 µs of processor time instead of 245. The adapter does not limit an
 * app's heap.
 *
 * An http model server needs the memory itself. By default, the young generation of the adapter's heap grows to 48 MB,
 * and the old one to three times what is in use. With 2 MB and 1.5 times, calls take no longer.
 */
export function nodeFlags({ server }: ModelRow): readonly string[] {
  switch (server.kind) {
    case 'express':
      return ['--no-allocation-site-pretenuring'];
    case 'http':
      return ['--max-semi-space-size=2', '--heap-growing-percent=50'];
  }
}

function refuseUnusable({ name, config }: ModelImage, { server }: ModelRow): void {
  refuseWrapped(name, config);
  const starts = config.Entrypoint?.length || config.Cmd?.length || (server.kind === 'http' && server.command?.length);
  if (server.kind === 'http' && !starts) {
    throw new ModelwhiskError(
      'BASE_IMAGE',
      `${name} has neither an entrypoint nor a command to start the model server with`,
      {
        hint: 'give the row a server.command, or use an image that starts its server by itself',
      },
    );
  }
}

function labelsOf(base: ModelImage, row: ModelRow): Record<string, string> {
  return {
    [baseNameLabel]: base.name,
    ...(base.digest === undefined ? {} : { [baseDigestLabel]: base.digest }),
    [modelLabel]: row.name,
    [versionLabel]: packageVersion(),
    // In one order of keys, whoever made the row.
    [rowLabel]: JSON.stringify(modelRow.parse(row)),
  };
}

/** The parts of an entry of `Env`. */
export function parseVariable(variable: string): [name: string, value: string] {
  const end = variable.indexOf('=');
  return end === -1 ? [variable, ''] : [variable.slice(0, end), variable.slice(end + 1)];
}

function nodeMajor(version: string | undefined): number {
  return Number.parseInt(version?.replace(/^v/, '') ?? '0', 10) || 0;
}

function orNull(words: readonly string[] | null | undefined): readonly string[] | null {
  return words === null || words === undefined || words.length === 0 ? null : words;
}
