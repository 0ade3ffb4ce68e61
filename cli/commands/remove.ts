import { Command } from 'commander';
import { ModelwhiskError } from '../../core/errors.ts';
import { deploymentOn } from '../../deploy/platforms.ts';
import type { CommandContext } from '../context.ts';
import { confirmed } from '../deploy/confirm.ts';
import { openWhiskActions } from '../deploy/openwhisk.ts';
import { fill, filled } from '../deploy/placeholders.ts';
import { recall, remember } from '../deploy/remembered.ts';
import { printedBy, runSteps } from '../deploy/run-steps.ts';
import { addTargetOptions, deployRequest, type TargetFlags } from '../deploy/target-options.ts';
import { printedJson } from '../documents.ts';

/** Removes what `deploy` has created. */
export function removeCommand(context: CommandContext): Command {
  const command = new Command('remove')
    .description('remove a function that deploy has created')
    .argument('<model>', 'its name in the catalogue')
    .action(async (model: string, flags: TargetFlags) => remove(model, flags, context));
  return addTargetOptions(command);
}

async function remove(model: string, flags: TargetFlags, context: CommandContext): Promise<void> {
  // To remove a function its name is enough, so the owner of the image is optional.
  const request = deployRequest(model, { ...flags, username: flags.username ?? 'nobody' }, context);
  const isOpenWhisk = flags.for === 'openwhisk' && flags.dryRun !== true;
  const commands = isOpenWhisk
    ? await removeAction(request.row.name, flags, context)
    : await removeByCommands(request, flags, context);
  if (flags.json) {
    const status = flags.dryRun ? 'planned' : 'removed';
    context.stdout.write(printedJson({ model: request.row.name, platform: flags.for, status, commands }));
  } else if (flags.dryRun) context.stdout.write(`${commands.join('\n')}\n`);
  else context.stdout.write(`removed ${request.row.name} from ${flags.for}\n`);
}

async function removeAction(name: string, flags: TargetFlags, context: CommandContext): Promise<readonly string[]> {
  const actions = await openWhiskActions(context);
  const state = await actions.state(name);
  if (state === 'missing') throw missing(name, actions.apiHost);
  if (state === 'foreign' && !flags.yes) {
    await confirmed(`The action ${name} on ${actions.apiHost} was created by something else. Remove it?`, context);
  }
  await actions.remove(name);
  return [];
}

async function removeByCommands(
  request: ReturnType<typeof deployRequest>,
  flags: TargetFlags,
  context: CommandContext,
): Promise<readonly string[]> {
  const { row } = request;
  const target = flags.for;
  const deployment = deploymentOn(target, request);
  const known = recall(context.environment, target);
  const values = { ...known.values, ...flags.set };
  const wanted = deployment.remove.map(({ command }) => command);
  if (flags.dryRun) return wanted.map((command) => fill(command, values));
  const [exists = '', ...commands] = filled([deployment.exists, ...wanted], values, target);
  const found = await printedBy(exists, context);
  if (found.kind === 'failure') throw missing(row.name, target, found.reason);
  if (!known.created.includes(exists) && !flags.yes) {
    await confirmed(`${row.name} on ${target} was created by something else. Remove it?`, context);
  }
  await runSteps(commands, context, flags.quiet ?? false);
  const created = known.created.filter((each) => each !== exists);
  await remember(context.environment, target, { values, created });
  return commands;
}

/** @param reason what the platform's command line tool said; it may be something else, such as missing credentials */
function missing(name: string, where: string, reason = ''): ModelwhiskError {
  const said = reason === '' ? '' : `: ${reason}`;
  return new ModelwhiskError('NOT_DEPLOYED', `there is no ${name} on ${where}${said}`, { hint: 'nothing was changed' });
}
