/** Memory over the course of a run, in MiB. */
export interface MemoryCourse {
  /** The maximum. */
  readonly peak: number;
  /** Median of the second quarter of the run, when everything has been loaded and compiled. */
  readonly middle: number;
  /** Median of the last quarter. */
  readonly end: number;
}

/** Takes samples at even distances over a run of this number of activations. */
export function sampler(
  measure: () => number,
  activations: number,
): { readonly onAnswer: (answered: number) => void; readonly course: () => MemoryCourse } {
  const samples: number[] = [];
  const every = Math.ceil(activations / 80);
  return {
    onAnswer: (answered) => {
      if (answered % every === 0) samples.push(measure());
    },
    course: () => memoryCourse(samples),
  };
}

function memoryCourse(samples: readonly number[]): MemoryCourse {
  const quarter = Math.floor(samples.length / 4);
  return {
    peak: Math.max(...samples),
    middle: median(samples.slice(quarter, 2 * quarter)),
    end: median(samples.slice(-quarter)),
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
}
