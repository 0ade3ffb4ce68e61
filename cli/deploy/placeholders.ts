import { ModelwhiskError } from '../../core/errors.ts';
import type { DeployTarget } from '../../deploy/deployment.ts';

/** Placeholders in commands for values that only the user knows. */
export const placeholderWords = [
  'ACCOUNT',
  'DIGEST',
  'GROUP',
  'NAMESPACE',
  'PLAN',
  'PROJECT',
  'REGION',
  'REGISTRY_ID',
  'ROLE',
  'STORAGE',
  'SUFFIX',
] as const;

/**
 * The commands with their placeholders filled in.
 *
 * @throws ModelwhiskError `USAGE` with the names of all missing values
 */
export function filled(
  commands: readonly string[],
  values: Readonly<Record<string, string>>,
  target: DeployTarget,
): readonly string[] {
  const missing = placeholderWords.filter(
    (word) => values[word] === undefined && commands.some((each) => pattern(word).test(each)),
  );
  if (missing.length > 0) {
    const flags = missing.map((word) => `--set ${word.toLowerCase()}=…`).join(' ');
    throw new ModelwhiskError('USAGE', `${target} needs ${missing.join(', ')}`, { hint: `add ${flags}` });
  }
  return commands.map((command) => fill(command, values));
}

/** A command with its placeholders filled in. A placeholder without a value stays. Values may contain such words. */
export function fill(command: string, values: Readonly<Record<string, string>>): string {
  return command.replaceAll(pattern(placeholderWords.join('|')), (word) => values[word] ?? word);
}

/** Matches the whole word, but not the name of a variable in an assignment. */
function pattern(word: string): RegExp {
  return new RegExp(String.raw`(?<![\w])(?:${word})(?![\w=])`, 'g');
}
