import { deploymentOn } from '../deploy/platforms.ts';
import type { Deployment, DeployTarget, Step } from '../deploy/deployment.ts';
import type { EngineName } from '../image/engines/engine.ts';
import { formatOutput } from '../image/engines/image-output.ts';
import { type BuildDocument, errorDocument, type ModelDocument } from './documents.ts';
import { table } from './table.ts';
import type { BuildOptions } from './options.ts';
import type { Colours } from './output.ts';
import type { Outcome } from '../image/engines/run-builds.ts';
import { shortReference } from '../core/reference.ts';
import { summaryLine } from './summary.ts';

/** What reports need besides the outcomes. */
export interface ReportContext extends Pick<BuildOptions, 'for' | 'platform' | 'insecure' | 'output' | 'check'> {
  /** How the user calls this program. */
  readonly program: string;
  /** Undefined if nothing was made. */
  readonly engine: EngineName | undefined;
  readonly milliseconds: number;
}

/** The document of a build. */
export function buildDocument(outcomes: readonly Outcome[], context: ReportContext): BuildDocument {
  return {
    engine: context.engine ?? null,
    models: outcomes.map((outcome) => modelDocument(outcome, context)),
  };
}

/** One line per image that was made (or would be), for scripts. */
export function quietReport(outcomes: readonly Outcome[]): string {
  return outcomes
    .filter(({ status }) => status !== 'failed')
    .map(({ plan }) => `${shortReference(plan.target)}\n`)
    .join('');
}

/** A table of all outcomes, the deploy commands per image and platform, and a summary. */
export function textReport(outcomes: readonly Outcome[], context: ReportContext, colours: Colours): string {
  const rows = outcomes.map((outcome) => [
    outcome.plan.row.name,
    shortReference(outcome.plan.target),
    resultOf(outcome, context),
  ]);
  const made = outcomes.filter(({ status }) => status !== 'failed');
  const parts = [
    table([['MODEL', 'IMAGE', 'RESULT'], ...rows]),
    ...made.flatMap((outcome) => context.for.map((target) => deploymentText(outcome, target, context, colours))),
    ...(context.engine === undefined || context.check || made.length === 0 ? [] : [notChecked]),
    ...(context.engine === undefined ? [] : [buildSummary(outcomes, made.length, context)]),
  ];
  return `${parts.join('\n\n')}\n`;
}

const notChecked =
  'Not checked: whether they start. --check starts each image once before it is pushed (docker engine).';

function resultOf(outcome: Outcome, { output }: ReportContext): string {
  switch (outcome.status) {
    case 'pushed':
      return `pushed ${outcome.result.digest ?? ''}`;
    case 'built':
      return output === undefined ? 'built, not pushed' : `written to ${formatOutput(output)}`;
    case 'planned':
      return `would be made from ${outcome.plan.base}`;
    case 'failed':
      // The error follows on stderr, with its hint.
      return 'failed';
  }
}

function deploymentText(outcome: Outcome, target: DeployTarget, context: ReportContext, colours: Colours): string {
  const { steps, call, remove, notes } = deploymentOf(outcome, target, context);
  const line = ({ command, comment }: Step): string =>
    `  ${command}${comment === undefined ? '' : `  ${colours.dim(`# ${comment}`)}`}`;
  const lines = steps.flatMap((step) => [
    line(step),
    ...(step.alternative === undefined
      ? []
      : [line({ command: step.alternative, comment: 'the same command by another name' })]),
  ]);
  return [
    `${colours.bold(outcome.plan.row.name)} on ${target}`,
    ...lines,
    line(call),
    ...remove.map(({ command, comment = 'removes it' }) => line({ command, comment })),
    ...notes.map((note) => `  ${colours.yellow(`note: ${note}`)}`),
  ].join('\n');
}

function deploymentOf({ plan, ...outcome }: Outcome, target: DeployTarget, context: ReportContext): Deployment {
  const digest = 'result' in outcome ? outcome.result.digest : undefined;
  const { platform, insecure, program } = context;
  return deploymentOn(target, { row: plan.row, image: plan.target, digest, platform, insecure, program });
}

function modelDocument(outcome: Outcome, context: ReportContext): ModelDocument {
  const { plan, status } = outcome;
  const { guesses } = plan;
  const common = {
    model: plan.row.name,
    status,
    target: shortReference(plan.target),
    base: { name: plan.base },
    guesses,
  };
  if (outcome.status === 'failed') return { ...common, error: errorDocument(outcome.error) };
  const deployments = context.for.map((platform) => {
    const { steps, update, remove, call, notes } = deploymentOf(outcome, platform, context);
    return { platform, steps, update, remove, call, notes };
  });
  if (outcome.status === 'planned') return { ...common, deployments };
  const { base, digest, bytes } = outcome.result;
  return { ...common, base, digest, bytes, checked: context.check, deployments };
}

function buildSummary(outcomes: readonly Outcome[], made: number, { milliseconds }: ReportContext): string {
  const traffic = outcomes.flatMap((outcome) => ('result' in outcome ? (outcome.result.bytes ?? []) : []));
  const bytes = traffic.reduce(
    (sum, { pushed, mounted, copied }) => ({
      pushed: sum.pushed + pushed,
      mounted: sum.mounted + mounted,
      copied: sum.copied + copied,
    }),
    { pushed: 0, mounted: 0, copied: 0 },
  );
  const total = `${outcomes.length} ${outcomes.length === 1 ? 'model' : 'models'}`;
  return summaryLine({
    what: made === outcomes.length ? total : `${made} of ${total}`,
    bytes: traffic.length === 0 ? undefined : bytes,
    milliseconds,
  });
}
