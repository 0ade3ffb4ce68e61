/** The list in the body of a call, and the rest of the body. */
export interface ListBody {
  /** Number of inputs, at least one. */
  readonly size: number;
  /** The rest of the body. Calls with equal frames may share a request. */
  readonly frame: string;
  /** The texts of the elements; several lists if an input consists of several tensors. */
  readonly columns: readonly (readonly string[])[];
  /** The text of the caller's id of the call, which the reply repeats. */
  readonly id?: string | undefined;
}

/**
 * Joins bodies, and divides the reply to them. Both use the texts, so that every digit and every repeated name stays.
 */
export interface ListFormat {
  /** Undefined if the body is not JSON, or has no list in the expected place, or a list that cannot be joined. */
  read(body: string): ListBody | undefined;
  /** One body for all of these bodies, which have equal frames. */
  join(bodies: readonly ListBody[]): string;
  /**
   * The part of the reply for each of these bodies.
   *
   * @throws UnequalLists if the reply does not have one output for each input
   */
  divide(reply: string, bodies: readonly ListBody[]): readonly string[];
}

/** The reply to a batch cannot be divided. The message completes "the model server answered". */
export class UnequalLists extends Error {
  override readonly name = 'UnequalLists';

  /** @param outputs number of outputs in the reply; undefined if it has no list in the expected place */
  constructor(inputs: number, outputs: number | undefined, pointer: string) {
    const place = pointer === '' ? 'the top of the reply' : pointer;
    const what = outputs === undefined ? 'a reply without a list' : `${outputs} outputs`;
    super(`a batch of ${inputs} inputs with ${what} at ${place}`);
  }
}

/** Total number of inputs in these bodies. */
export function totalSize(bodies: readonly ListBody[]): number {
  return bodies.reduce((sum, { size }) => sum + size, 0);
}
