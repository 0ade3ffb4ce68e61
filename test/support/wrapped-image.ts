import type { EngineName } from '../../image/engines/engine.ts';
import type { BuildDocument } from '../../cli/documents.ts';
import { skopeoInspect } from '../image/registry/support/skopeo.ts';
import { buildCli } from './build-cli.ts';
import { docker } from './docker.ts';

export interface Wrapping {
  /** Name in the catalogue. */
  readonly model: string;
  readonly engine: EngineName;
  /** "127.0.0.1:PORT", where the model image is and the result goes. */
  readonly registry: string;
  readonly tag: string;
  /** Further words for build.ts. */
  readonly words: readonly string[];
  /** For what build.ts keeps between runs. */
  readonly cache: string;
}

/**
 * Wraps a model image by `build.ts` and pulls the result, so that the engine has what the registry has. Tells the image
 * by the digest that `build.ts` printed. Rejects where skopeo or docker do not accept it.
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
  // By its tag, so that it has a name by which it is removed in the end.
  await docker('pull', '--quiet', `${repository}:${tag}`);
  return `${repository}@${digest}`;
}
