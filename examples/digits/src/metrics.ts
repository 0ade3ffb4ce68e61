/** Counts how many images the network read at a time, for Prometheus. */
export class BatchSizes {
  readonly #counts = bounds.map(() => 0);
  #requests = 0;
  #images = 0;

  add(size: number): void {
    this.#requests += 1;
    this.#images += size;
    const bound = bounds.findIndex((each) => size <= each);
    if (bound !== -1) this.#counts[bound] = (this.#counts[bound] ?? 0) + 1;
  }

  /** In Prometheus' text format (prometheus.io/docs/instrumenting/exposition_formats). */
  toString(): string {
    let below = 0;
    const buckets = bounds.map((bound, index) => {
      below += this.#counts[index] ?? 0;
      return `${name}_bucket{le="${bound}"} ${below}`;
    });
    return [
      `# HELP ${name} Images that the network read at a time`,
      `# TYPE ${name} histogram`,
      ...buckets,
      `${name}_bucket{le="+Inf"} ${this.#requests}`,
      `${name}_sum ${this.#images}`,
      `${name}_count ${this.#requests}`,
      '',
    ].join('\n');
  }
}

const name = 'digits_batch_size';
const bounds = [1, 2, 4, 8, 16, 32, 64, 128, 256];
