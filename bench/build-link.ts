import { randomBytes } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import { pushBase } from '../test/image/registry/support/base-images.ts';
import { startRegistry } from '../test/support/registry.ts';
import { buildScript, timed } from './build-contestants.ts';
import type { Stage } from './build-stage.ts';
import { fastestOf, type Cost } from './process-cost.ts';
import { openSlowLink } from './slow-link.ts';

export interface LinkCost {
  readonly name: string;
  /** Seconds that the bytes of the layers need at the speed of the link, without any header. */
  readonly needed: number;
  readonly cost: Cost;
}

/**
 * The cost of a build behind a slow link: of the first model of a registry, whose base the registry has, and of one whose
 * base is copied from another registry through this machine.
 *
 * @param rounds builds of each; the fastest one counts
 */
export async function linkCosts(stage: Stage, megabits: number, rounds: number): Promise<readonly LinkCost[]> {
  const link = await openSlowLink(megabits);
  const other = await startRegistry();
  try {
    const layers = Array.from({ length: 4 }, () => randomBytes(copied / 4));
    await pushBase(other.host, 'models/far', 'v1', { layers, compression: 0, config: { Cmd: ['/serve'] } });
    const [here, there] = [await link.reach(stage.host), await link.reach(other.host)];
    const own = await sizeOfLayers(stage);
    const bases = [
      { name: 'the first model', base: `${here}/models/one:v1`, bytes: own },
      { name: 'one with a base of another registry', base: `${there}/models/far:v1`, bytes: own + copied },
    ];
    const results: LinkCost[] = [];
    for (const { name, base, bytes } of bases) {
      const costs: Cost[] = [];
      for (let round = 0; round < rounds; round++) {
        await rm(stage.path('cache/modelwhisk/layer-homes.json'), { force: true });
        const user = `link${results.length}${round}`;
        const words = [
          '--models',
          'one',
          '--base',
          base,
          '--username',
          user,
          '--engine',
          'registry',
          '--registry',
          here,
        ];
        const files = ['--catalogue', stage.path('models.json'), '--runtime-image', stage.runtimeImage];
        const trust = ['--insecure', here, '--insecure', there];
        costs.push(await timed(stage, ...link.enter, buildScript, ...words, ...files, ...trust));
      }
      results.push({ name, needed: (bytes * 8) / (megabits * 1e6), cost: fastestOf(costs) });
    }
    return results;
  } finally {
    await other.close();
    await link.close();
  }
}

/** Bytes of the base that is copied. */
const copied = 20_000_000;

async function sizeOfLayers(stage: Stage): Promise<number> {
  const sizes = await Promise.all([0, 1].map(async (index) => (await stat(stage.path(`layer${index}.tar.gz`))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
