import type { EngineName } from '../../image/engines/engine.ts';
import type { BuildDocument } from '../../cli/documents.ts';
import { skopeoInspect } from '../image/registry/support/skopeo.ts';
import { buildCli } from './build-cli.ts';
import { docker } from './docker.ts';

export interface Wrapping {
  /** Name in the catalogue. */
  readonly model: string;
  readonly engine: EngineName;
  /** "127.0.0.1:PORT" of the registry for the model image and the result. */
  readonly registry: string;
  readonly tag: string;
  /** Further arguments for build.ts. */
  readonly words: readonly string[];
  /** Cache folder of build.ts. */
  readonly cache: string;
}

/**
 * Wraps a model image with `build.ts` and pulls the result. Resolves with the image by the digest that `build.ts`
 * printed. Rejects if skopeo or docker refuses the image.
 */
export async function wrappedImage({ model, engine, registry, tag, words, cache }: Wrapping): Promise<string> {
  const target = ['--username', 'me', '--registry', registry, '--tag', tag];
  const environment = { ...process.env, XDG_CACHE_HOME: cache };
  const built = await buildCli(['--json', '--models', model, '--engine', engine, ...target, ...words], environment);
  if (built.exitCode !== 0) throw new Error(`${built.stderr}\n${built.stdout}`);
  const [{ digest = 'no digest' } = {}] = (JSON.parse(built.stdout) as BuildDocument).models;
  const repository = `${registry}/me/${model}`;
  await skopeoInspect(`${repository}@${digest}`);
  if (engine === 'docker') await docker('image', 'rm', `${repository}:${tag}`);
  // By its tag, so that it can be removed by name in the end.
  await docker('pull', '--quiet', `${repository}:${tag}`);
  return `${repository}@${digest}`;
}
