/** Where the adapter's layers already are on a registry, so that further images mount them from there. */
export class LayerHomes {
  readonly #homes = new Map<string, Home>();

  /** The repository that has the layers, or is getting them now. */
  nameOf(registry: string): string | undefined {
    return this.#homes.get(registry)?.repository;
  }

  /**
   * Calls `place` with the repository that has the layers once it has them, or with undefined for the first that comes,
   * which becomes that repository. Where the first fails, the next in line takes its turn.
   */
  async place<T>(
    registry: string,
    repository: string,
    place: (mountFrom: string | undefined) => Promise<T>,
  ): Promise<T> {
    for (let home = this.#homes.get(registry); home !== undefined; home = this.#homes.get(registry)) {
      if (await home.ready) return place(home.repository);
      if (this.#homes.get(registry) === home) this.#homes.delete(registry);
    }
    const placing = place(undefined);
    const ready = placing.then(
      () => true,
      () => false,
    );
    this.#homes.set(registry, { repository, ready });
    return placing;
  }
}

interface Home {
  readonly repository: string;
  /** Whether the layers arrived; never rejects. */
  readonly ready: Promise<boolean>;
}
