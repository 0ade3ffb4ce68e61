import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ModelwhiskError } from '../core/errors.ts';
import { modelRow } from '../core/row.ts';
import type { InstanceSource } from '../gateway/action.ts';
import { installPackages } from './launch/install.cjs';

const repository = join(import.meta.dirname, '..');
const example = join(repository, 'examples', 'digits');

/**
 * The adapter, serving the digits example in a program of its own. Installs what the example needs where that has not
 * been done yet.
 *
 * @throws ModelwhiskError when the example is missing or cannot be installed
 */
export function digitsSource(): InstanceSource {
  const module = join(example, 'src', 'app.ts');
  if (!existsSync(module)) {
    throw new ModelwhiskError('NO_EXAMPLE', `${module} is missing`, {
      hint: 'clone the whole repository, or serve a container with --action NAME=URL',
    });
  }
  const problem = installPackages(example);
  if (problem !== undefined) throw new ModelwhiskError('INSTALL', problem.message, { hint: problem.hint });
  const row = modelRow.parse({
    name: 'digits',
    title: 'Handwritten digits',
    image: 'modelwhisk/digits',
    server: { kind: 'express', module, export: 'app' },
    predict: {
      method: 'POST',
      path: '/model/predict',
      input: { kind: 'file', field: 'image', filename: 'digit.png', contentType: 'image/png' },
    },
  });
  return {
    kind: 'process',
    command: process.execPath,
    arguments: ['--import', 'tsx', 'adapter/main.ts'],
    environment: { MODELWHISK_MODEL: JSON.stringify(row) },
    directory: repository,
  };
}

/** Path of an image that the digits example can read; undefined when there is none. */
export function digitsSample(): string | undefined {
  const sample = join(example, 'samples', '7.png');
  return existsSync(sample) ? sample : undefined;
}
