import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import type { EngineName } from '../../image/engine.ts';
import { buildCli } from './build-cli.ts';
import { docker } from './docker.ts';
import { moveToRegistry } from './model-images.ts';
import { importNodeImage } from './node-image.ts';
import { importPythonImage } from './python-image.ts';

const examples = join(import.meta.dirname, '../../examples');

/** A registry with what examples/max-digits is made from, and makes from it. */
export interface MaxDigitsImages {
  /** Builds the model image from its Dockerfile, pushes it and tells its name. */
  readonly model: (requirements: string) => Promise<string>;
  /** Wraps that image with `build.ts`, pulls the result from the registry and tells its name. */
  readonly wrapped: (model: string, engine: EngineName) => Promise<string>;
}

/**
 * @param host the registry, "127.0.0.1:PORT"
 * @param folder for the catalogue and the cache of build.ts
 */
export async function maxDigitsImages(host: string, folder: string): Promise<MaxDigitsImages> {
  const node = `${host}/library/node:24-bookworm-slim`;
  const python = `${host}/library/python:3.11-slim-bookworm`;
  await importNodeImage(node);
  await importPythonImage(python);
  await docker('push', '--quiet', node);
  return {
    model: async (requirements) => {
      const name = `${host}/models/max-digits:${requirements.replace('.txt', '')}`;
      const settings = [`BASE=${python}`, `REQUIREMENTS=${requirements}`].flatMap((each) => ['--build-arg', each]);
      const file = join(examples, 'max-digits/Dockerfile');
      const words = ['--quiet', '--network', 'host', ...settings, '--tag', name, '--file', file];
      await docker('build', ...words, examples);
      await moveToRegistry(name);
      return name;
    },
    wrapped: async (model, engine) => {
      const tag = `${model.split(':').at(-1) ?? ''}-${engine}`;
      const catalogue = join(folder, 'models.json');
      await writeFile(catalogue, JSON.stringify({ models: [{ ...row, image: model }] }));
      const words = ['--models', row.name, '--username', 'me', '--registry', host, '--tag', tag, '--engine', engine];
      const settings = ['--catalogue', catalogue, '--runtime-image', node];
      const built = await buildCli([...words, ...settings], { ...process.env, XDG_CACHE_HOME: folder });
      if (built.exitCode !== 0) throw new Error(built.stderr);
      const name = `${host}/me/${row.name}:${tag}`;
      if (engine === 'docker') await docker('image', 'rm', name);
      await docker('pull', '--quiet', name);
      return name;
    },
  };
}

const row = {
  name: 'max-digits',
  title: 'MAX Digits',
  server: { kind: 'http', port: 5000 },
  predict: { input: { kind: 'file', field: 'image', filename: 'digit.png', contentType: 'image/png' } },
};
