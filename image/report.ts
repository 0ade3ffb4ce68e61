import { actionUrl, curlCommand, deployCommands } from './commands.ts';
import { table } from './list.ts';
import type { Colours } from './output.ts';
import type { Outcome } from './run.ts';

/** All outcomes for a machine: one JSON document. */
export function jsonReport(engine: string | undefined, outcomes: readonly Outcome[]): string {
  return JSON.stringify({ engine: engine ?? null, models: outcomes.map(jsonOutcome) }, undefined, 2);
}

/** One line per image that was made (or would be), to be read by scripts. */
export function quietReport(outcomes: readonly Outcome[]): string {
  return outcomes
    .filter(({ status }) => status !== 'failed')
    .map(({ plan }) => plan.target)
    .join('\n');
}

/** A table of all outcomes, and what to do with each image: create the action, call it. */
export function textReport(outcomes: readonly Outcome[], colours: Colours): string {
  const rows = outcomes.map((outcome) => [outcome.plan.row.name, outcome.plan.target, summary(outcome)]);
  const made = outcomes.filter(({ status }) => status !== 'failed');
  return [
    table([['MODEL', 'IMAGE', 'RESULT'], ...rows]),
    ...made.map((outcome) => commandLines(outcome, colours)),
  ].join('\n\n');
}

function summary(outcome: Outcome): string {
  switch (outcome.status) {
    case 'pushed':
      return `pushed ${outcome.result.digest ?? ''}`;
    case 'built':
      return 'built, not pushed';
    case 'planned':
      return `would be made from ${outcome.plan.base}`;
    case 'failed':
      return `failed: ${outcome.error.message}`;
  }
}

function commandLines({ plan: { row, target } }: Outcome, colours: Colours): string {
  const { wsk, ibmcloud, note } = deployCommands(row, target);
  return [
    colours.bold(row.name),
    `  ${wsk}`,
    `  ${ibmcloud}  ${colours.dim('# the same command by another name')}`,
    `  ${curlCommand(row, deployedUrl(row))}  ${colours.dim(`# wsk action get ${row.name} --url tells the URL`)}`,
    ...(note === undefined ? [] : [`  ${colours.yellow(`note: ${note}`)}`]),
  ].join('\n');
}

function jsonOutcome(outcome: Outcome): Record<string, unknown> {
  const { plan, status } = outcome;
  const common = { model: plan.row.name, status, target: plan.target, base: { name: plan.base } };
  if (outcome.status === 'failed') {
    const { code, message, hint } = outcome.error;
    return { ...common, error: { code, message, hint } };
  }
  const { wsk, ibmcloud, note } = deployCommands(plan.row, plan.target);
  const commands = { wsk, ibmcloud, curl: curlCommand(plan.row, deployedUrl(plan.row)), note };
  if (outcome.status === 'planned') return { ...common, commands };
  const { base, digest, bytes } = outcome.result;
  return { ...common, base, digest, bytes, commands };
}

function deployedUrl(row: Outcome['plan']['row']): string {
  return actionUrl(row, 'https://APIHOST', 'NAMESPACE');
}
