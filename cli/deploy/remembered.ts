import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import type { Environment } from '../../core/settings.ts';
import type { DeployTarget } from '../../deploy/deployment.ts';

const schema = z.record(
  z.string(),
  z.object({ values: z.record(z.string(), z.string()), created: z.array(z.string()) }),
);

/** What was told of a platform, and what was created there. */
export type Remembered = Readonly<z.infer<typeof schema>[string]>;

/** Reads what is kept of earlier deployments on a platform; nothing where there is no such file, or a broken one. */
export function recall(environment: Environment, target: DeployTarget): Remembered {
  return readFile(fileOf(environment))[target] ?? { values: {}, created: [] };
}

/** Keeps it for later. */
export function remember(environment: Environment, target: DeployTarget, remembered: Remembered): void {
  const file = fileOf(environment);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ ...readFile(file), [target]: remembered }, undefined, 2)}\n`);
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
