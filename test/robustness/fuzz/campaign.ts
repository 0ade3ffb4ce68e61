import * as fc from 'fast-check';

/** A property that must hold for all inputs, and how to test it. */
export interface Campaign {
  readonly title: string;
  /** The number of inputs in `npm test`. */
  readonly runs: number;
  /** Resolves with the number of inputs. Rejects with the smallest input that breaks the property, and the seed. */
  readonly run: (budget: Budget) => Promise<number>;
}

/** The extent of a campaign: a number of inputs, or a time. The same seed gives the same inputs in the same order. */
export interface Budget {
  readonly seed: number;
  readonly runs?: number;
  readonly milliseconds?: number;
}

/** What a campaign needs while it runs. */
export interface Trial<Input> {
  readonly inputs: fc.Arbitrary<Input>;
  /** Rejects when the input breaks the property. */
  check(input: Input): Promise<void> | void;
  close?(): Promise<unknown>;
}

/** @param runs fewer for slow inputs, more for fast ones */
export function campaign<Input>(title: string, start: () => Trial<Input> | Promise<Trial<Input>>, runs = 60): Campaign {
  return {
    title,
    runs,
    async run(budget) {
      const trial = await start();
      let latest: Promise<unknown> = Promise.resolve();
      try {
        const property = fc.asyncProperty(trial.inputs, async (input) => {
          latest = within(patience, trial.check(input));
          await latest;
        });
        const outcome = await fc.check(property, parameters(budget));
        if (outcome.failed) throw failure(title, outcome);
        return outcome.numRuns;
      } finally {
        // At the end of its time, fast-check does not wait for the current input.
        await latest.catch(() => undefined);
        await trial.close?.();
      }
    },
  };
}

function parameters({ seed, runs, milliseconds }: Budget): { seed: number; numRuns: number } {
  const time = milliseconds === undefined ? {} : { interruptAfterTimeLimit: milliseconds };
  return { seed, numRuns: runs ?? Number.MAX_SAFE_INTEGER, ...time };
}

interface Failure {
  readonly seed: number;
  readonly numRuns: number;
  readonly counterexample: readonly unknown[] | null;
  readonly errorInstance: unknown;
}

/** fast-check's own report shows the whole input, which may be very long. */
function failure(title: string, outcome: Failure): Error {
  const { seed, numRuns, counterexample, errorInstance } = outcome;
  const [input] = counterexample ?? [];
  const shown = Buffer.isBuffer(input) ? JSON.stringify(input.toString('latin1')) : fc.stringify(input);
  const found = `seed ${seed}, input ${numRuns}: ${shown.slice(0, 2000)}`;
  return new Error(`${title}: broken by ${found}\n${String(errorInstance).slice(0, 3000)}`, { cause: errorInstance });
}

/** Milliseconds. An input that takes longer counts as hung, even on a busy machine. */
const patience = 20_000;

async function within<Value>(milliseconds: number, work: Promise<Value> | Value): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${milliseconds} ms`)), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
