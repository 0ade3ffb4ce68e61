import * as z from 'zod';
import { parseConfiguration } from '../../../core/parse.ts';
import { containerConfig } from '../../container-config.ts';
import type { InspectedImage } from '../engine.ts';
import type { Progress } from '../../progress.ts';
import type { CommandOptions, Docker } from './command.ts';
import { layerProgress } from './layer-progress.ts';

/** An image that the engine holds. */
export interface LocalImage extends InspectedImage {
  /** Digest of its configuration, "sha256:…": the same for the same content. */
  readonly id: string;
  readonly os: string;
  readonly architecture: string;
}

/**
 * Finds an image in the engine. If the engine has none of that name for the platform, it pulls it.
 *
 * @param platform for example "linux/amd64"; undefined for any
 * @param options.pull whether to pull it even if the engine has it
 */
export async function findImage(
  docker: Docker,
  name: string,
  platform: string | undefined,
  options: CommandOptions & { readonly announce: Progress; readonly pull?: boolean | undefined },
): Promise<LocalImage> {
  const local = options.pull ? undefined : await inspect(docker, name, options).catch(() => undefined);
  if (local !== undefined && matches(local, platform)) return toLocalImage(local, name);
  const message = `pulling ${name}`;
  options.announce(message);
  const progress = options.progress ?? layerProgress(message, options.announce);
  await docker(['pull', ...(platform === undefined ? [] : ['--platform', platform]), name], { ...options, progress });
  return toLocalImage(await inspect(docker, name, options), name);
}

const inspected = z.tuple([
  z.looseObject({
    Id: z.string(),
    RepoDigests: z.array(z.string()).nullish(),
    Os: z.string(),
    Architecture: z.string(),
    Variant: z.string().nullish(),
    Config: containerConfig.nullish(),
    RootFS: z.looseObject({ Layers: z.array(z.string()).nullish() }).nullish(),
  }),
]);
type Inspected = z.infer<typeof inspected>[0];

async function inspect(docker: Docker, name: string, { signal }: CommandOptions): Promise<Inspected> {
  const json = await docker(['image', 'inspect', name], signal === undefined ? {} : { signal });
  return parseConfiguration(inspected, JSON.parse(json), `docker image inspect ${name}`)[0];
}

function matches({ Os, Architecture }: Inspected, platform: string | undefined): boolean {
  if (platform === undefined) return true;
  return platform === `${Os}/${Architecture}` || platform.startsWith(`${Os}/${Architecture}/`);
}

function toLocalImage(
  { Id, RepoDigests, Os, Architecture, Variant, Config, RootFS }: Inspected,
  name: string,
): LocalImage {
  const repository = shortName(name);
  const found = RepoDigests?.map((text) => text.split('@')).find(([of = '']) => shortName(of) === repository);
  const content = { os: Os, architecture: Architecture, diffIds: RootFS?.Layers ?? [], config: Config ?? {} };
  const platform = [Os, Architecture, Variant].filter(Boolean).join('/');
  return { id: Id, name, digest: found?.[1], platform, ...content };
}

/** A repository as docker lists it: without tag and digest, and without what it leaves out for Docker Hub. */
function shortName(reference: string): string {
  return reference
    .replace(/@.*$/, '')
    .replace(/:[^/:]*$/, '')
    .replace(/^(index\.)?docker\.io\//, '')
    .replace(/^library\//, '');
}
