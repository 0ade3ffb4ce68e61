import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ModelwhiskError } from '../../core/errors.ts';
import type { DeployRequest } from '../../deploy/deployment.ts';
import { fileTargets, filesOn } from '../../deploy/files/files.ts';
import { withOutputFolder } from '../../image/layers/work-folder.ts';
import type { CommandContext } from '../context.ts';
import { confirmed } from './confirm.ts';
import { filled } from './placeholders.ts';
import { recall, remember } from './remembered.ts';
import type { TargetFlags } from './target-options.ts';

/** What `deploy --write DIR --json` prints. */
export interface WrittenDocument {
  readonly model: string;
  readonly platform: string;
  readonly files: readonly string[];
}

/**
 * Writes the files of a platform's deployment tools into a folder, with the placeholders filled in.
 *
 * Rejects with ModelwhiskError: `USAGE` if the platform has no such files, or values are missing; `OUTPUT` if the folder
 * cannot be written; `NOT_CONFIRMED` if files with other content are there, and the user does not want them overwritten.
 */
export async function writeDeployFiles(
  folder: string,
  request: DeployRequest,
  flags: TargetFlags,
  context: CommandContext,
): Promise<WrittenDocument> {
  const { environment } = context;
  const target = flags.for;
  const files = filesOn(target, request);
  if (files.length === 0) {
    throw new ModelwhiskError('USAGE', `there are no files for ${target}`, {
      hint: `--write goes with --for ${fileTargets.join(', ')}`,
    });
  }
  const known = recall(environment, target);
  const values = { ...known.values, ...flags.set };
  const contents = filled(
    files.map(({ content }) => content),
    values,
    target,
  );
  const paths = files.map(({ name }) => join(folder, name));
  await withOutputFolder(folder, async () => {
    const changed = paths.filter((path, index) => ![undefined, contents[index]].includes(textOf(path)));
    if (changed.length > 0 && !flags.yes)
      await confirmed(`${changed.join(', ')} would be overwritten, with other content. Overwrite?`, context);
    await remember(environment, target, { ...known, values });
    for (const [index, path] of paths.entries()) writeFileSync(path, contents[index] ?? '');
  });
  return { model: request.row.name, platform: target, files: paths };
}

/** Undefined if there is no such file. */
function textOf(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
