import { readFile } from 'node:fs/promises';

import * as z from 'zod';

import { writeWhole } from '../../layers/build-cache.mjs';
import { parseJson } from '../../registry/json.ts';

/**
 * Where the adapter's layers already are on each registry, so that further images mount them from there. Kept in a
 * file between runs. That is only a hint: a mount from there may be refused.
 */
export class LayerHomes {
  readonly #homes = new Map<string, Home>();
  readonly #asked = new Set<string>();
  readonly #file: string | undefined;

  /** @param file where to remember them; undefined to forget them with the process */
  constructor(file?: string) {
    this.#file = file;
  }

  /** The repository that got the layers in this run, or is getting them now. */
  nameOf(registry: string): string | undefined {
    return this.#homes.get(registry)?.repository;
  }

  /**
   * Whether no repository of this registry is known to have the layers, at the first call for it: the first caller will
   * send them.
   */
  async isFirst(registry: string): Promise<boolean> {
    if (this.#asked.has(registry)) return false;
    this.#asked.add(registry);
    return this.nameOf(registry) === undefined && (await this.remembered([registry])).length === 0;
  }

  /** The repositories that got the layers in an earlier run, on these registries. */
  async remembered(
    registries: readonly string[],
  ): Promise<readonly { readonly registry: string; readonly repository: string }[]> {
    const known = await this.#recall();
    return [...new Set(registries)].flatMap((registry) => {
      const repository = known[registry];
      return repository === undefined ? [] : [{ registry, repository }];
    });
  }

  /**
   * Calls `place` with a repository that has the layers, as soon as it has them. The first caller gets the last run's
   * repository, if any, and its own becomes the source for the others. If it fails, the next caller takes its place.
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
    const placing = this.#recall().then(async (known) => place(known[registry]));
    const ready = placing.then(
      () => true,
      () => false,
    );
    this.#homes.set(registry, { repository, ready });
    const placed = await placing;
    // If the hint cannot be written, the image has been pushed all the same.
    await this.#remember(registry, repository).catch(() => undefined);
    return placed;
  }

  async #recall(): Promise<Readonly<Record<string, string>>> {
    const text = this.#file === undefined ? '' : await readFile(this.#file, 'utf8').catch(() => '');
    return z.record(z.string(), z.string()).safeParse(parseJson(text)).data ?? {};
  }

  async #remember(registry: string, repository: string): Promise<void> {
    if (this.#file === undefined) return;
    const known = { ...(await this.#recall()), [registry]: repository };
    await writeWhole(this.#file, JSON.stringify(known));
  }
}

interface Home {
  readonly repository: string;
  /** Whether the layers arrived; never rejects. */
  readonly ready: Promise<boolean>;
}
