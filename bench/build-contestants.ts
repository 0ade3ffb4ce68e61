import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Stage } from './build-stage.ts';
import { commandCost, sumOf, withDaemons, type Cost } from './process-cost.ts';

/** A program that lays the adapter onto a model and pushes the result as USER/MODEL to the stage's registry. */
export interface Contestant {
  readonly name: string;
  /** The program that must be installed. */
  readonly needs?: string;
  /** Whether it runs five times as often as the slow contestants. */
  readonly quick: boolean;
  /** @param first whether it is the registry's first image with the adapter, or a further one */
  readonly build: (model: string, user: string, first: boolean) => Promise<Cost>;
}

/** The script that a user runs. */
export const buildScript = join(import.meta.dirname, '../build.ts');

/** The cost of a command in the environment of the stage. */
export async function timed(stage: Stage, ...words: readonly string[]): Promise<Cost> {
  return commandCost(words, { XDG_CACHE_HOME: stage.path('cache'), DOCKER_CONFIG: stage.folder, DOCKER_BUILDKIT: '0' });
}

export function contestants(stage: Stage): readonly Contestant[] {
  return [
    { name: 'modelwhisk', quick: true, build: async (...of) => modelwhisk(stage, stage.host, ...of) },
    {
      name: 'crane append, mutate',
      needs: 'crane',
      quick: true,
      build: async (model, user) => crane(stage, model, user),
    },
    {
      name: 'docker build, push',
      needs: 'docker',
      quick: false,
      build: async (model, user) => docker(stage, model, user),
    },
    {
      name: 'buildah build, push',
      needs: 'buildah',
      quick: false,
      build: async (model, user) => buildah(stage, model, user),
    },
  ];
}

/** @param host the stage's registry or its proxy */
export async function modelwhisk(
  stage: Stage,
  host: string,
  model: string,
  user: string,
  first: boolean,
): Promise<Cost> {
  // This file records where the layers are stored. Without it they are sent again, as to a new registry.
  if (first) await rm(stage.path('cache/modelwhisk/layer-homes.json'), { force: true });
  const words = ['--models', model, '--username', user, '--engine', 'registry', '--registry', host];
  const files = ['--catalogue', stage.path('models.json'), '--runtime-image', stage.runtimeImage];
  const base = ['--base', `${host}/models/${model}:v1`];
  return timed(stage, buildScript, ...words, ...files, ...base);
}

/** crane computes the digests of the layers and sends them for every model. */
async function crane(stage: Stage, model: string, user: string): Promise<Cost> {
  const target = `${stage.host}/${user}-crane/${model}`;
  const layers = [0, 1].flatMap((index) => ['--new_layer', stage.path(`layer${index}.tar.gz`)]);
  const append = ['append', '--base', baseOf(stage, model), ...layers, '--new_tag', target];
  const mutate = ['mutate', target, '--entrypoint', '/modelwhisk/runtime/node', '--env', 'MODELWHISK_MODEL={}'];
  return sumOf([await timed(stage, 'crane', ...append), await timed(stage, 'crane', ...mutate, '--tag', target)]);
}

/** Starts cold: neither the base nor the result stays in the engine. */
async function docker(stage: Stage, model: string, user: string): Promise<Cost> {
  const [base, target] = [baseOf(stage, model), `${stage.host}/${user}-docker/${model}`];
  await writeDockerfile(stage, base);
  try {
    return await withDaemons(['dockerd', 'containerd'], async () =>
      sumOf([
        await timed(stage, 'docker', 'build', '--quiet', '--tag', target, stage.path('context')),
        await timed(stage, 'docker', 'push', '--quiet', target),
      ]),
    );
  } finally {
    await execa('docker', ['image', 'rm', target, base], { reject: false });
  }
}

/** Starts cold, like docker. */
async function buildah(stage: Stage, model: string, user: string): Promise<Cost> {
  const target = `${stage.host}/${user}-buildah/${model}`;
  const storage = ['--root', stage.path('storage'), '--runroot', stage.path('run')];
  const insecure = '--tls-verify=false';
  await writeDockerfile(stage, baseOf(stage, model));
  try {
    return sumOf([
      await timed(stage, 'buildah', ...storage, 'bud', insecure, '--quiet', '--tag', target, stage.path('context')),
      await timed(stage, 'buildah', ...storage, 'push', insecure, '--quiet', target),
    ]);
  } finally {
    await execa('buildah', [...storage, 'rmi', '--all', '--force'], { reject: false });
  }
}

function baseOf(stage: Stage, model: string): string {
  return `${stage.host}/models/${model}:v1`;
}

async function writeDockerfile(stage: Stage, base: string): Promise<void> {
  const lines = [`FROM ${base}`, 'ADD layer0.tar /', 'ADD layer1.tar /', 'ENV MODELWHISK_MODEL={}'];
  await writeFile(
    stage.path('context/Dockerfile'),
    [...lines, 'ENTRYPOINT ["/modelwhisk/runtime/node"]', ''].join('\n'),
  );
}
