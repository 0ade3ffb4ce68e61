import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EngineName } from '../../image/engines/engine.ts';
import { docker } from './docker.ts';
import { moveToRegistry } from './model-images.ts';
import { importNodeImage } from './node-image.ts';
import { importPythonImage } from './python-image.ts';
import { wrappedImage } from './wrapped-image.ts';

const examples = join(import.meta.dirname, '../../examples');

/** Makes images of examples/max-digits. */
export interface MaxDigitsImages {
  /** Builds the model image from its Dockerfile and moves it to the registry. Resolves with its name. */
  readonly model: (requirements: string) => Promise<string>;
  /** Wraps the image with `build.ts` and a catalogue with one row for it. */
  readonly wrapped: (model: string, engine: EngineName) => Promise<string>;
}

/**
 * @param registry "127.0.0.1:PORT"
 * @param folder for the catalogue and the cache of build.ts
 */
export async function maxDigitsImages(registry: string, folder: string): Promise<MaxDigitsImages> {
  const node = `${registry}/library/node:24-bookworm-slim`;
  const python = `${registry}/library/python:3.11-slim-bookworm`;
  await importNodeImage(node);
  await importPythonImage(python);
  await docker('push', '--quiet', node);
  return {
    model: async (requirements) => {
      const name = `${registry}/models/max-digits:${requirements.replace('.txt', '')}`;
      const settings = [`BASE=${python}`, `REQUIREMENTS=${requirements}`].flatMap((each) => ['--build-arg', each]);
      const file = join(examples, 'max-digits/Dockerfile');
      const words = ['--quiet', '--network', 'host', ...settings, '--tag', name, '--file', file];
      await docker('build', ...words, examples);
      await moveToRegistry(name);
      return name;
    },
    wrapped: async (model, engine) => {
      const catalogue = join(folder, 'models.json');
      await writeFile(catalogue, JSON.stringify({ models: [{ ...row, image: model }] }));
      const tag = `${model.split(':').at(-1) ?? ''}-${engine}`;
      const words = ['--catalogue', catalogue, '--runtime-image', node];
      return wrappedImage({ model: row.name, engine, registry, tag, words, cache: folder });
    },
  };
}

const row = {
  name: 'max-digits',
  title: 'MAX Digits',
  server: { kind: 'http', port: 5000 },
  predict: { input: { kind: 'file', field: 'image', filename: 'digit.png', contentType: 'image/png' } },
};
