import { messageOf, ModelwhiskError } from '../../core/errors.ts';
import { assertBuildable } from '../catalogue/check-buildable.ts';
import type { BuildRequest, BuildResult, Engine } from './engine.ts';
import type { Plan } from '../catalogue/plan.ts';
import { inParallel } from '../parallel.ts';
import type { Progress } from '../progress.ts';

/** The outcome of one model. */
export type Outcome =
  | { readonly status: 'pushed' | 'built'; readonly plan: Plan; readonly result: BuildResult }
  | { readonly status: 'planned'; readonly plan: Plan }
  | { readonly status: 'failed'; readonly plan: Plan; readonly error: ModelwhiskError };

export interface RunOptions extends Pick<BuildRequest, 'platform' | 'push' | 'check' | 'output'> {
  /** How many models are built at the same time. */
  readonly jobs: number;
  readonly signal: AbortSignal;
  readonly progress: (model: string, ...what: Parameters<Progress>) => void;
  /** Called when a model is done, successfully or not. */
  readonly finished?: ((model: string, ending: 'done' | 'failed') => void) | undefined;
}

/**
 * Makes all images, up to `jobs` at the same time. A model that fails does not affect the others; its outcome says why.
 *
 * @param engine undefined to make nothing and only say what would be
 */
export async function runBuilds(
  plans: readonly Plan[],
  engine: Engine | undefined,
  options: RunOptions,
): Promise<readonly Outcome[]> {
  await engine?.announce(plans.map((plan) => ({ ...plan, push: options.push && options.output === undefined })));
  return inParallel(plans, options.jobs, async (plan) => {
    const outcome = await runBuild(plan, engine, options);
    options.finished?.(plan.row.name, outcome.status === 'failed' ? 'failed' : 'done');
    return outcome;
  });
}

async function runBuild(plan: Plan, engine: Engine | undefined, options: RunOptions): Promise<Outcome> {
  const { platform, push, check, output, signal } = options;
  const progress: Progress = (...what) => options.progress(plan.row.name, ...what);
  try {
    assertBuildable(plan.row, plan.portHint);
    if (engine === undefined) return { status: 'planned', plan };
    if (signal.aborted) throw new ModelwhiskError('INTERRUPTED', 'interrupted before it was begun');
    const result = await engine.build({ ...plan, platform, push, check, output, signal, progress });
    return { status: push && output === undefined ? 'pushed' : 'built', plan, result };
  } catch (thrown) {
    const error = signal.aborted
      ? interrupted(thrown)
      : thrown instanceof ModelwhiskError
        ? thrown
        : unexpected(thrown);
    return { status: 'failed', plan, error };
  }
}

/** An engine knows best how far it got. */
function interrupted(cause: unknown): ModelwhiskError {
  return cause instanceof ModelwhiskError && cause.code === 'INTERRUPTED'
    ? cause
    : new ModelwhiskError('INTERRUPTED', 'interrupted', { cause });
}

function unexpected(cause: unknown): ModelwhiskError {
  return new ModelwhiskError('UNEXPECTED', messageOf(cause), { cause, hint: '--verbose shows where it came from' });
}
