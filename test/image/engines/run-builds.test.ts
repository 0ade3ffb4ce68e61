import { describe, expect, test } from 'vitest';
import { ModelwhiskError } from '../../../core/errors.ts';
import { modelRow } from '../../../core/row.ts';
import type { BuildRequest, BuildResult, Engine } from '../../../image/engines/engine.ts';
import type { Plan } from '../../../image/catalogue/plan.ts';
import { parseTarget } from '../../../core/reference.ts';
import { runBuilds } from '../../../image/engines/run-builds.ts';

/** Stands for the docker engine, which cannot fail or wait on demand. */
function engineOf(build: (request: BuildRequest) => Promise<void>): Engine {
  return {
    name: 'docker',
    check: async () => undefined,
    announce: async () => undefined,
    buildAdapter: async () => ({ digest: undefined, bytes: undefined }),
    inspect: async ({ image }) => ({
      name: image,
      digest: undefined,
      config: {},
      platform: 'linux/amd64',
      diffIds: [],
    }),
    build: async (request): Promise<BuildResult> => {
      await build(request);
      return {
        digest: undefined,
        base: { name: request.base, digest: undefined },
        bytes: undefined,
      };
    },
  };
}

const plans: Plan[] = ['one', 'two', 'three', 'four'].map((name) => ({
  row: modelRow.parse({
    name,
    title: name,
    image: `example/${name}`,
    server: { kind: 'http', port: 5000 },
    predict: { input: { kind: 'json' } },
  }),
  base: `example/${name}`,
  target: parseTarget(`me/${name}`),
}));

function optionsOf(jobs: number, signal = new AbortController().signal): Parameters<typeof runBuilds>[2] {
  return { jobs, platform: 'linux/amd64', push: true, signal, progress: () => undefined };
}

test('a model that fails does not stop the others, and outcomes keep the order of the models', async () => {
  const engine = engineOf(async ({ row }) => {
    if (row.name === 'two') throw new ModelwhiskError('NO_BASE_IMAGE', 'gone', { hint: 'look' });
    if (row.name === 'three') throw new TypeError('a mistake of ours');
  });
  const outcomes = await runBuilds(plans, engine, optionsOf(1));
  expect(
    outcomes.map((outcome) => [outcome.plan.row.name, outcome.status, 'error' in outcome && outcome.error.code]),
  ).toEqual([
    ['one', 'pushed', false],
    ['two', 'failed', 'NO_BASE_IMAGE'],
    ['three', 'failed', 'UNEXPECTED'],
    ['four', 'pushed', false],
  ]);
});

describe('models are built side by side', () => {
  test.each([1, 2, 4])('up to --jobs %i', async (jobs) => {
    let running = 0;
    let most = 0;
    const engine = engineOf(async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    });
    await runBuilds(plans, engine, optionsOf(jobs));
    expect(most).toBe(jobs);
  });
});

test('an interrupt begins no further model', async () => {
  const interrupt = new AbortController();
  const begun: string[] = [];
  const engine = engineOf(async ({ row }) => {
    begun.push(row.name);
    interrupt.abort();
  });
  const outcomes = await runBuilds(plans, engine, optionsOf(1, interrupt.signal));
  expect(begun).toEqual(['one']);
  expect(outcomes.map((outcome) => 'error' in outcome && outcome.error.code)).toEqual([
    false,
    'INTERRUPTED',
    'INTERRUPTED',
    'INTERRUPTED',
  ]);
});
