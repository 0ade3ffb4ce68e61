import { link, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { wrapConfig } from '../wrap-config.ts';
import { adapterImageLabels } from '../adapter-image.ts';
import type { AdapterRequest, BuildRequest, Engine, EngineOptions } from '../engine.ts';
import type { Layer } from '../../layers/layer-tar.ts';
import { prepareLayers } from '../../layers/layers.ts';
import { withWorkFolder } from '../../layers/work-folder.ts';
import { formatReference, pinReference, shortReference } from '../../../core/reference.ts';
import { checkStart } from './check-start.ts';
import { type CommandOptions, type Docker, dockerCommand } from './command.ts';
import { configInstructions } from './dockerfile.ts';
import { findImage } from './image.ts';
import { exportedNodeImage } from './node-image.ts';
import { pushImage } from './push-image.ts';
import { withoutTriggers } from './without-triggers.ts';

/** Lays the adapter onto model images with `docker build`, and pushes them with `docker push`. */
export function createDockerEngine(options: EngineOptions): Engine {
  const docker = dockerCommand(options.environment);
  const preparing = new Map<string, Promise<Layers>>();

  async function layersFor(request: AdapterRequest): Promise<Layers> {
    const { platform } = request;
    const started = preparing.get(platform) ?? makeLayers(docker, request, options);
    preparing.set(platform, started);
    return started;
  }

  return {
    name: 'docker',
    async check() {
      await docker(['version', '--format', '{{.Server.Version}}']);
    },
    // Docker talks to the registries by itself.
    announce: async () => Promise.resolve(),
    async inspect({ image, platform, pull, signal, progress }) {
      const command: CommandOptions = { signal, progress: options.verbose ? progress : undefined };
      return findImage(docker, image, platform, { ...command, announce: progress, pull });
    },
    async build(request) {
      const { row, base, baseDigest, platform, push, check = false, signal, progress } = request;
      const target = shortReference(request.target);
      const command: CommandOptions = { signal, progress: options.verbose ? progress : undefined };
      const from = baseDigest === undefined ? base : formatReference(pinReference(base, baseDigest));
      const image = await findImage(docker, from, platform, { ...command, announce: progress });
      const named = { ...image, name: base, digest: baseDigest ?? image.digest };
      const config = wrapConfig(named, row);
      const layers = await layersFor(request);
      progress(`building ${target}`);
      const instructions = configInstructions(image.config, config);
      await withoutTriggers(docker, image, platform, async (usable) =>
        buildImage(docker, layers, instructions, { ...request, base: usable }, command, options.cacheFolder),
      );
      if (check) {
        progress(`starting ${target} once`);
        await checkStart(docker, { image: target, config, row, platform, signal });
      }
      const result = { base: { name: base, digest: named.digest }, bytes: undefined };
      if (!push) return { ...result, digest: undefined };
      const { environment } = options;
      return { ...result, digest: await pushImage(docker, request.target, { command, progress, environment }) };
    },
    async buildAdapter(request) {
      const { push, signal, progress } = request;
      const target = shortReference(request.target);
      const command: CommandOptions = { signal, progress: options.verbose ? progress : undefined };
      const layers = await layersFor(request);
      progress(`building ${target}`);
      const labels = configInstructions({}, { Labels: adapterImageLabels }).filter((line) => line.startsWith('LABEL'));
      await buildImage(docker, layers, labels, { ...request, base: 'scratch' }, command, options.cacheFolder);
      if (!push) return { digest: undefined, bytes: undefined };
      const { environment } = options;
      const digest = await pushImage(docker, request.target, { command, progress, environment });
      return { digest, bytes: undefined };
    },
  };
}

type Layers = Readonly<Record<'runtime' | 'adapter', Layer>>;

async function makeLayers(
  docker: Docker,
  { platform, progress, signal }: AdapterRequest,
  options: EngineOptions,
): Promise<Layers> {
  const image = await findImage(docker, options.runtimeImage, platform, { announce: progress, signal });
  return prepareLayers(exportedNodeImage(docker, image, platform, options.environment), options, signal);
}

async function buildImage(
  docker: Docker,
  { runtime, adapter }: Layers,
  instructions: readonly string[],
  { base, target, platform }: Pick<BuildRequest, 'base' | 'target' | 'platform'>,
  command: CommandOptions,
  cacheFolder: string,
): Promise<void> {
  const dockerfile = await readFile(join(import.meta.dirname, '../../../Dockerfile.runtime'), 'utf8');
  // Beside the tars, where a hard link to them is possible.
  await withWorkFolder(cacheFolder, async (context) => {
    await link(runtime.file, join(context, 'runtime.tar'));
    await link(adapter.file, join(context, 'adapter.tar'));
    const build = [
      'build',
      '--platform',
      platform,
      '--build-arg',
      `BASE=${base}`,
      '--tag',
      shortReference(target),
      '--file',
      '-',
      context,
    ];
    await docker(build, { ...command, input: `${dockerfile}${instructions.join('\n')}\n` });
  });
}
