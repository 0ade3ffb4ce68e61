import { ModelwhiskError } from '../../core/errors.ts';
import type { CommandContext } from '../context.ts';

/**
 * Asks a question on the terminal. Rejects with ModelwhiskError if the answer is no or there is no terminal.
 */
export async function confirmed(message: string, { stderr, signal }: CommandContext): Promise<void> {
  if (stderr.isTTY !== true || !process.stdin.isTTY) {
    throw new ModelwhiskError('NOT_CONFIRMED', `${message} There is no terminal to ask on`, { hint: 'add --yes' });
  }
  const { default: confirm } = await import('@inquirer/confirm');
  const yes = await confirm({ message, default: false }, { signal, output: process.stderr });
  if (!yes) throw new ModelwhiskError('NOT_CONFIRMED', 'nothing was changed');
}
