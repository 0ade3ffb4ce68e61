import { expect, test } from 'vitest';
import type { Activation } from '../../../gateway/invoker/activation.ts';
import { type Kind, serverSetting } from '../support/rows.ts';
import { startStage, type Stage } from '../support/stage.ts';

const concurrency = 32;

/** One in a hundred fails, one hangs, one loses its worker, and of an app one throws outside of any handler. */
function pathOf(number: number, kind: Kind): string {
  const faults = kind === 'express' ? ['fail', 'hang', 'killed', 'throw'] : ['fail', 'hang', 'killed'];
  const what = faults[number % 100] ?? 'ok';
  return `/${what}/${number}`;
}

/** What the caller of this path must get. */
function expectedAt(path: string): string {
  const [, what = '', number] = path.split('/');
  switch (what) {
    case 'ok':
      return `200 ${number}`;
    case 'fail':
      return `500 ${number}`;
    case 'hang':
      return '504 MODEL_TIMEOUT';
    default:
      return '502 MODEL_CRASHED';
  }
}

async function outcomeAt(stage: Stage, path: string): Promise<string> {
  const { status, text } = await stage.call(path);
  return `${status} ${/"code":"(MODEL_\w+)"/.exec(text)?.[1] ?? text}`;
}

async function callAll(stage: Stage, kind: Kind, activations: number): Promise<readonly string[]> {
  const wrong: string[] = [];
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < activations) {
      const path = pathOf(next, kind);
      next += 1;
      const outcome = await outcomeAt(stage, path);
      if (outcome !== expectedAt(path)) wrong.push(`${path}: ${outcome.slice(0, 300)}`);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, caller));
  return wrong;
}

/** What of an activation's record is not its own: it has one line of the adapter, which names it. */
async function foreignLines({ request, outcome }: Activation): Promise<readonly string[]> {
  const lines = (await outcome.logs).filter((line) => line.includes('"activationId"'));
  const path = JSON.stringify(request.parameters['__ow_path']);
  const isOwn = (line: string): boolean =>
    line.includes(`"activationId":"${request.activationId}"`) && line.includes(`"path":${path}`);
  return lines.length === 1 && lines.every((line) => isOwn(line))
    ? []
    : [`${path}: ${lines.length} lines: ${lines.join(' | ')}`];
}

test.each<[Kind, number]>([
  ['express', 5000],
  ['http', 1000],
])(
  'in one instance of an %s model server, of %i activations at 32 nobody gets the answer, the error or the log of a neighbour',
  { timeout: 300_000 },
  async (kind, activations) => {
    const setting = await serverSetting(kind, 'numbered.mjs');
    const stage = await startStage(setting, { limits: { concurrency, timeout: 6000 } });
    try {
      expect(await callAll(stage, kind, activations)).toEqual([]);
      expect(stage.activations).toHaveLength(activations);
      expect(new Set(stage.activations.map(({ outcome }) => outcome.instance))).toEqual(new Set([1]));
      const foreign = await Promise.all(stage.activations.map((activation) => foreignLines(activation)));
      expect(foreign.flat().slice(0, 10)).toEqual([]);
    } finally {
      await stage.close();
    }
  },
);
