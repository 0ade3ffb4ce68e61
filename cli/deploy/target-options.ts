import { type Command, Option } from 'commander';
import { ConfigurationError, ModelwhiskError } from '../../core/errors.ts';
import type { ModelRow } from '../../core/row.ts';
import { deployTargets, type DeployTarget, type DeployRequest } from '../../deploy/deployment.ts';
import { findRow, loadCatalogue } from '../../image/catalogue/catalogue.ts';
import { parseTarget } from '../../core/reference.ts';
import type { CommandContext } from '../context.ts';
import * as read from '../flags.ts';
import { placeholderWords } from './placeholders.ts';
import { dockerHub, usernameOf } from '../options.ts';
import { catalogueOption } from '../shared-options.ts';

/** Flags that `deploy` and `remove` share. */
export interface TargetFlags {
  readonly for: DeployTarget;
  readonly username?: string;
  readonly registry: string;
  readonly tag: string;
  readonly catalogue: string;
  readonly platform: string;
  /** Values for the placeholders, such as REGION. */
  readonly set?: Readonly<Record<string, string>>;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Adds the flags that select the image and the platform. */
export function addTargetOptions(command: Command): Command {
  return command
    .addOption(new Option('--for <platform>', 'platform to deploy on').choices([...deployTargets]).default('openwhisk'))
    .option('--username <name>', 'owner of the repository that holds the image (default: USERNAME)', read.readUsername)
    .option('--registry <host>', 'registry that holds it', read.readRegistry, dockerHub)
    .option('--tag <tag>', 'its tag', read.readTag, 'latest')
    .option('--platform <os/arch>', 'what it is built for', read.readPlatform, 'linux/amd64')
    .addOption(catalogueOption())
    .option(
      '--set <name=value>',
      'value for a word in capitals, such as REGION; kept; may be repeated',
      readPlaceholder,
    )
    .option('--yes', 'do not ask')
    .option('--dry-run', 'only print the commands')
    .option('--json', 'print one JSON document')
    .option('--quiet', 'print no progress');
}

/** What to deploy: the row of a model in the catalogue, and the image that `build` has pushed for it. */
export function deployRequest(name: string, flags: TargetFlags, context: CommandContext): DeployRequest {
  const row: ModelRow = findRow(loadCatalogue(flags.catalogue, [name]), name);
  const { registry, tag, platform } = flags;
  const username = flags.username ?? usernameOf(context.environment);
  if (!username) throw new ConfigurationError('--username', username, `who owns the repository on ${registry}`);
  const image = parseTarget(`${registry}/${username}/${row.name}:${tag}`);
  return { row, image, digest: flags.set?.['DIGEST'], platform, insecure: [], program: context.program };
}

function readPlaceholder(value: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, name = '', text = ''] = /^(\w+)=([\w.:@/+-]+)$/.exec(value) ?? [];
  const word = name.toUpperCase();
  if (placeholderWords.some((each) => each === word))
    return { ...before, [word]: word === 'ROLE' ? roleName(text) : text };
  const problem =
    name === '' ? 'NAME=VALUE, without blanks or quotes' : `one of ${placeholderWords.join(', ').toLowerCase()}`;
  throw new ModelwhiskError('USAGE', `--set is ${JSON.stringify(value)}; expected ${problem}`, {
    hint: 'for example --set region=eu-west-1',
  });
}

/** The name of a role on AWS, which the commands complete to its ARN. People copy the whole ARN. */
function roleName(text: string): string {
  return text.replace(/^arn:aws[\w-]*:iam::\d+:role\//, '');
}
