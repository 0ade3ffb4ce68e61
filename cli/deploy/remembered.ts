import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { codeOf, messageOf, ModelwhiskError } from '../../core/errors.ts';
import type { Environment } from '../../core/settings.ts';
import type { DeployTarget } from '../../deploy/deployment.ts';
import { writeWhole } from '../../image/layers/build-cache.mjs';

const schema = z.record(
  z.string(),
  z.object({ values: z.record(z.string(), z.string()), created: z.array(z.string()) }),
);

/**
 * The values of --set for a platform, and the functions created there: each by the command that asks for it, which also
 * names its region or group.
 */
export type Remembered = Readonly<z.infer<typeof schema>[string]>;

/** Reads what is remembered of earlier deployments on a platform. Empty if the file is missing or malformed. */
export function recall(environment: Environment, target: DeployTarget): Remembered {
  return readFile(fileOf(environment))[target] ?? { values: {}, created: [] };
}

/**
 * Writes it for later deployments. A process that is killed meanwhile leaves the file as it was. Rejects with
 * ModelwhiskError `REMEMBER` if the file cannot be written.
 */
export async function remember(environment: Environment, target: DeployTarget, remembered: Remembered): Promise<void> {
  const file = fileOf(environment);
  const text = `${JSON.stringify({ ...readFile(file), [target]: remembered }, undefined, 2)}\n`;
  await writeWhole(file, text).catch((cause: unknown) => {
    const reason = codeOf(cause) ?? messageOf(cause);
    const hint = 'the values of --set are kept there; set XDG_CONFIG_HOME to a folder that can be written';
    throw new ModelwhiskError('REMEMBER', `${file} cannot be written (${reason})`, { cause, hint });
  });
}

/** https://specifications.freedesktop.org/basedir-spec */
function fileOf(environment: Environment): string {
  const folder = environment['XDG_CONFIG_HOME'] || join(environment['HOME'] ?? homedir(), '.config');
  return join(folder, 'modelwhisk', 'deploy.json');
}

function readFile(file: string): Record<string, Remembered> {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return {};
  }
}
