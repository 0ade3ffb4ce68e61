import type { ModelRow } from '../core/row.ts';

/** A type of machine that a platform offers. */
export interface Machine {
  readonly type: string;
  /** In MB. */
  readonly memory: number;
  /** Default: none. */
  readonly gpus?: number;
}

/**
 * The smallest machine with the memory and the GPUs that the row asks for. If there is none, the largest of its kind.
 *
 * @param machines of each kind, with and without GPUs, the smaller ones first
 */
export function chooseMachine<Offered extends Machine>(
  { memory, gpu }: Pick<ModelRow, 'memory' | 'gpu'>,
  machines: readonly [Offered, ...Offered[]],
): Offered {
  const offered = machines.filter(({ gpus }) => (gpus === undefined) === (gpu === undefined));
  const fitting = offered.find((machine) => memory <= machine.memory && (gpu ?? 0) <= (machine.gpus ?? 0));
  return fitting ?? offered.at(-1) ?? machines[0];
}
