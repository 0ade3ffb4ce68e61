import { Command } from 'commander';
import { curlCommand } from '../../deploy/curl.ts';
import type { DeployRequest } from '../../deploy/deployment.ts';
import { deploymentOn } from '../../deploy/platforms.ts';
import type { CommandContext } from '../context.ts';
import { confirmed } from '../deploy/confirm.ts';
import { firstAnswer, openWhiskActions } from '../deploy/openwhisk.ts';
import { fill, filled } from '../deploy/placeholders.ts';
import { recall, remember } from '../deploy/remembered.ts';
import { printedBy, runSteps } from '../deploy/run-steps.ts';
import { addTargetOptions, deployRequest, type TargetFlags } from '../deploy/target-options.ts';
import { writeDeployFiles } from '../deploy/write-files.ts';
import { printedJson } from '../documents.ts';

interface DeployFlags extends TargetFlags {
  readonly raw?: boolean;
  readonly wait: boolean;
  /** Folder. */
  readonly write?: string;
}

/** Creates or updates a function from an image that `build` has pushed. */
export function deployCommand(context: CommandContext): Command {
  const command = new Command('deploy')
    .description('create or update a function from an image that was built and pushed')
    .argument('<model>', 'its name in the catalogue')
    .option('--raw', 'openwhisk: a raw HTTP action, which gets every request byte for byte')
    .option('--write <folder>', 'write files for serverless and sam, kubectl or wskdeploy instead')
    .option('--no-wait', 'openwhisk: do not wait until the first call is answered')
    .addHelpText('after', examplesFor(context.program))
    .action(async (model: string, flags: DeployFlags) => deploy(model, flags, context));
  return addTargetOptions(command);
}

function examplesFor(program: string): string {
  return `
Examples:
  ${program} deploy max-ocr --username me
  ${program} deploy digits --username me --for lambda --set region=eu-west-1 --set account=123456789012 --set role=lambda
  ${program} deploy digits --username me --for knative --dry-run
  ${program} deploy digits --username me --for lambda --set region=eu-west-1 --set account=123456789012 --write aws
  ${program} remove max-ocr

OpenWhisk's host and key are those of ~/.wskprops, or __OW_API_HOST and __OW_API_KEY. The other platforms are reached by
their own command line tools, with the commands that --for of build prints. Values of --set are kept in
~/.config/modelwhisk/deploy.json. What another program created is overwritten only after a question.`;
}

/** What `deploy --json` prints. */
interface DeployDocument {
  readonly model: string;
  readonly platform: string;
  readonly status: 'created' | 'updated' | 'planned';
  /** Base URL of the model server's paths. Undefined if the platform does not provide it. */
  readonly url: string | undefined;
  /** A curl command that sends the model's sample. */
  readonly curl: string;
  /** The commands that were run, or would be. */
  readonly commands: readonly string[];
}

async function deploy(model: string, flags: DeployFlags, context: CommandContext): Promise<void> {
  const request = deployRequest(model, flags, context);
  if (flags.write !== undefined) {
    const document = await writeDeployFiles(flags.write, request, flags, context);
    context.stdout.write(flags.json ? printedJson(document) : document.files.map((file) => `${file}\n`).join(''));
    return;
  }
  const isOpenWhisk = flags.for === 'openwhisk' && flags.dryRun !== true;
  const document = isOpenWhisk
    ? await deployAction(request, flags, context)
    : await deployByCommands(request, flags, context);
  if (flags.json) context.stdout.write(printedJson(document));
  else if (flags.dryRun) context.stdout.write([...document.commands, document.curl, ''].join('\n'));
  else context.stdout.write(`${document.url === undefined ? '' : `${document.url}\n\n`}  ${document.curl}\n`);
}

async function deployAction(
  request: DeployRequest,
  flags: DeployFlags,
  context: CommandContext,
): Promise<DeployDocument> {
  const { row } = request;
  const actions = await openWhiskActions(context);
  const state = await actions.state(row.name);
  if (state === 'foreign' && !flags.yes) {
    await confirmed(
      `The action ${row.name} on ${actions.apiHost} was created by something else. Overwrite it?`,
      context,
    );
  }
  const say = (text: string): void => void (flags.quiet || context.stderr.write(`${text}\n`));
  say(`${state === 'missing' ? 'creating' : 'updating'} ${row.name} on ${actions.apiHost}`);
  const url = await actions.put(request, flags.raw ?? false);
  if (flags.wait) {
    say('waiting until the first call is answered');
    await firstAnswer(url, context.signal);
  }
  const status = state === 'missing' ? 'created' : 'updated';
  return { model: row.name, platform: flags.for, status, url, curl: curlCommand(row, url), commands: [] };
}

async function deployByCommands(
  request: DeployRequest,
  flags: DeployFlags,
  context: CommandContext,
): Promise<DeployDocument> {
  const { row } = request;
  const { environment } = context;
  const target = flags.for;
  const deployment = deploymentOn(target, request);
  const known = recall(environment, target);
  const values = { ...known.values, ...flags.set };
  const common = { model: row.name, platform: target, curl: fill(deployment.call.command, values) };
  const commandsOf = (steps: typeof deployment.steps): readonly string[] => steps.map(({ command }) => command);
  if (flags.dryRun) {
    const commands = commandsOf(deployment.steps).map((command) => fill(command, values));
    return { ...common, status: 'planned', url: undefined, commands };
  }
  const [exists = '', ...create] = filled([deployment.exists, ...commandsOf(deployment.steps)], values, target);
  const update = filled(commandsOf(deployment.update), values, target);
  const isThere = (await printedBy(exists, context)).kind === 'output';
  if (isThere && !known.created.includes(exists) && !flags.yes) {
    await confirmed(`${row.name} on ${target} was created by something else. Update it?`, context);
  }
  await remember(environment, target, { ...known, values });
  const commands = isThere ? update : create;
  await runSteps(commands, context, flags.quiet ?? false);
  const created = [...new Set([...known.created, exists])];
  await remember(environment, target, { values, created });
  const printed = deployment.url === undefined ? undefined : await printedBy(fill(deployment.url, values), context);
  const status = isThere ? 'updated' : 'created';
  if (printed?.kind !== 'output') return { ...common, status, url: undefined, commands };
  const base = printed.text.replace(/\/$/, '');
  return { ...common, status, url: base, curl: curlCommand(row, `${base}${row.predict.path}`), commands };
}
