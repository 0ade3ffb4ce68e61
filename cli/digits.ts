import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { codeOf, messageOf, ModelwhiskError } from '../core/errors.ts';
import { type ModelRow, runtimeRow } from '../core/row.ts';
import type { Environment } from '../core/settings.ts';
import type { ActionDefinition } from '../gateway/action.ts';
import type { InstanceSource } from '../gateway/instance-source.ts';
import { findRow, loadCatalogue } from '../image/catalogue/catalogue.ts';
import { makeFolder } from '../image/layers/make-folder.mjs';
import { cacheFolder } from './context.ts';
import { installation } from './installation.ts';
import { installPackages } from './launch/install.cjs';

/**
 * The digits example, served by the adapter in its own process. Installs the example's packages if necessary: in a
 * checkout in its folder, otherwise in a copy in the user's cache.
 *
 * @param inherited further variables of its process
 * @throws ModelwhiskError `INSTALL` or `CACHE` if that fails
 */
export function digitsAction(
  environment: Environment,
  inherited: Readonly<Record<string, string>> = {},
): Pick<ActionDefinition, 'name' | 'source' | 'row'> {
  const { folder, module, inPlace } = installation.digits;
  const installed = inPlace ? folder : copyTo(join(cacheFolder(environment), `digits-${hashOf(folder)}`), folder);
  const problem = installPackages(installed);
  if (problem !== undefined) throw new ModelwhiskError('INSTALL', problem.message, { hint: problem.hint });
  const known = findRow(loadCatalogue(join(installation.root, 'models.json'), ['digits']), 'digits');
  const row: ModelRow = {
    ...known,
    server: { kind: 'express', module: join(installed, module), export: 'app' },
  };
  const source: InstanceSource = {
    kind: 'process',
    command: process.execPath,
    arguments: installation.adapter,
    environment: { ...inherited, MODELWHISK_MODEL: JSON.stringify(runtimeRow(row)) },
    directory: installation.root,
  };
  return { name: 'digits', source, row };
}

/** Path of an image that the digits example can read. */
export const digitsSample = join(installation.digits.folder, 'samples/7.png');

/** Overwrites the remains of an interrupted start. */
function copyTo(to: string, from: string): string {
  try {
    makeFolder(dirname(to));
    cpSync(from, to, { recursive: true });
    return to;
  } catch (cause) {
    const hint = 'set XDG_CACHE_HOME to a folder that can be';
    throw new ModelwhiskError('CACHE', `${to} cannot be written (${codeOf(cause) ?? messageOf(cause)})`, {
      cause,
      hint,
    });
  }
}

function hashOf(folder: string): string {
  const hash = createHash('sha256');
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) hash.update(readFileSync(join(entry.parentPath, entry.name)));
  }
  return hash.digest('hex').slice(0, 16);
}
