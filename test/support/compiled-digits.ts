import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { digitsAction } from '../../cli/digits.ts';
import { runtimeRow } from '../../core/row.ts';
import { type Action, type ActionLimits, createAction } from '../../gateway/action.ts';
import { bundledAdapter } from '../adapter/bundled.ts';

const example = join(import.meta.dirname, '../../examples/digits');

/** The digits action as an image holds it, in JavaScript: it starts several times faster than the sources. */
export interface CompiledDigits {
  readonly action: Action;
  close(): Promise<void>;
}

export async function compiledDigits(limits: Partial<ActionLimits>): Promise<CompiledDigits> {
  const { name, source, row } = digitsAction(process.env);
  if (source.kind !== 'process' || row === undefined) throw new TypeError('digits is a process with a row');
  const folder = await mkdtemp(join(tmpdir(), 'compiled-digits-'));
  await compileDigits(folder);
  await symlink(join(example, 'node_modules'), join(folder, 'node_modules'));
  const server = { kind: 'express', module: join(folder, 'dist/app.js'), export: 'app' } as const;
  const environment = { ...source.environment, MODELWHISK_MODEL: JSON.stringify(runtimeRow({ ...row, server })) };
  return {
    action: createAction({
      name,
      row,
      limits,
      source: { ...source, arguments: [await bundledAdapter()], environment },
    }),
    close: async () => rm(folder, { recursive: true }),
  };
}

/** Writes the example into a folder as JavaScript, with its model but without its packages. */
export async function compileDigits(folder: string): Promise<void> {
  await execa('tsc', ['-p', join(example, 'tsconfig.build.json'), '--outDir', join(folder, 'dist')], {
    cwd: example,
    preferLocal: true,
  });
  for (const file of ['package.json', 'model.onnx']) await cp(join(example, file), join(folder, file));
}
