/** The list in the body of a call, and what stands around it. */
export interface ListBody {
  /** How many inputs it has; at least one. */
  readonly size: number;
  /** Everything else that the body says. Calls of equal frames may share a request. */
  readonly frame: string;
  /** The texts of the elements; several lists where an input is several tensors. */
  readonly columns: readonly (readonly string[])[];
  /** The text of the name that the caller gave its call, and that its reply repeats. */
  readonly id?: string | undefined;
}

/**
 * How bodies are joined, and the reply to them is divided. Both are done with texts, so that every digit and every
 * repeated name stays as it is.
 */
export interface ListFormat {
  /** Undefined where the body is no JSON, has no list in the expected place, or one that cannot be joined. */
  read(body: string): ListBody | undefined;
  /** One body for all of these, whose frames are equal. */
  join(bodies: readonly ListBody[]): string;
  /**
   * What of the reply belongs to each of these bodies.
   *
   * @throws UnequalLists where the reply has not one output for each input
   */
  divide(reply: string, bodies: readonly ListBody[]): readonly string[];
}

/** The reply to a batch cannot be divided. The message completes "the model server answered". */
export class UnequalLists extends Error {
  override readonly name = 'UnequalLists';

  /** @param outputs how many the reply has; undefined where it has no list in this place */
  constructor(inputs: number, outputs: number | undefined, pointer: string) {
    const place = pointer === '' ? 'the top of the reply' : pointer;
    const what = outputs === undefined ? 'a reply without a list' : `${outputs} outputs`;
    super(`a batch of ${inputs} inputs with ${what} at ${place}`);
  }
}

/** How many inputs these have together. */
export function totalSize(bodies: readonly ListBody[]): number {
  return bodies.reduce((sum, { size }) => sum + size, 0);
}
