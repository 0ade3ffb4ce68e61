import { ModelwhiskError } from '../../core/errors.ts';
import type { CommandContext } from '../context.ts';

/**
 * Asks a question on the terminal. Rejects with ModelwhiskError where the answer is no, and where there is no terminal
 * to ask on.
 */
export async function confirmed(message: string, { stderr, signal }: CommandContext): Promise<void> {
  if (stderr.isTTY !== true || !process.stdin.isTTY) {
    throw new ModelwhiskError('NOT_CONFIRMED', `${message} There is no terminal to ask on`, { hint: 'add --yes' });
  }
  const { default: confirm } = await import('@inquirer/confirm');
  const yes = await confirm({ message, default: false }, { signal, output: process.stderr });
  if (!yes) throw new ModelwhiskError('NOT_CONFIRMED', 'nothing was changed');
}
