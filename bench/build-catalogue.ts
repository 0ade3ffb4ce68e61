import { rm, writeFile } from 'node:fs/promises';
import { rows } from '../test/image/rows.ts';
import { pushBase } from '../test/image/registry/support/base-images.ts';
import { buildScript, timed } from './build-contestants.ts';
import type { Stage } from './build-stage.ts';
import { fastestOf, type Cost } from './process-cost.ts';

export interface CatalogueCost {
  readonly models: number;
  readonly cost: Cost;
}

/**
 * The cost of one build of all models in models.json for a registry that has their base images and nothing of ours. The
 * base images are small, as their layers are only mounted.
 *
 * @param rounds builds; the fastest one counts
 */
export async function catalogueCost(stage: Stage, rounds: number): Promise<CatalogueCost> {
  const models = rows.filter(({ template }) => !template);
  const config = { Cmd: ['/serve'] };
  for (const { name } of models) await pushBase(stage.host, `all/${name}`, 'v1', { layers: [name, 'common'], config });
  const catalogue = models.map((row) => ({ ...row, image: `${stage.host}/all/${row.name}:v1` }));
  await writeFile(stage.path('all.json'), JSON.stringify({ models: catalogue }));
  const costs: Cost[] = [];
  for (let round = 0; round < rounds; round++) {
    await rm(stage.path('cache/modelwhisk/layer-homes.json'), { force: true });
    const words = ['--models', 'all', '--username', `all${round}`, '--engine', 'registry', '--registry', stage.host];
    const files = ['--catalogue', stage.path('all.json'), '--runtime-image', stage.runtimeImage];
    costs.push(await timed(stage, buildScript, ...words, ...files));
  }
  return { models: models.length, cost: fastestOf(costs) };
}
