import { parseReference, shortReference } from '../core/reference.ts';
import type { DeployTarget, Step } from '../deploy/deployment.ts';
import { deploymentOn } from '../deploy/platforms.ts';
import type { BuildResult, EngineName } from '../image/engines/engine.ts';
import { formatOutput, type ImageOutput } from '../image/engines/image-output.ts';
import type { Rewrap } from '../image/engines/rewrap.ts';
import { packageVersion } from '../image/layers/package-version.ts';
import type { RewrapDocument } from './documents.ts';
import { summaryLine } from './summary.ts';

export interface RewrapReport {
  /** As the user named it. */
  readonly image: string;
  readonly rewrap: Rewrap;
  /** Undefined if nothing was made. */
  readonly result: BuildResult | undefined;
  readonly pushed: boolean;
  readonly engine: EngineName;
  readonly output: ImageOutput | undefined;
  readonly check: boolean;
  readonly for: readonly DeployTarget[];
  readonly insecure: readonly string[];
  /** How the user calls this program. */
  readonly program: string;
  readonly milliseconds: number;
}

/** The document of `rewrap`. */
export function rewrapDocument(report: RewrapReport): RewrapDocument {
  const { image, rewrap, result, engine } = report;
  const { plan, platform, before } = rewrap;
  return {
    image,
    target: shortReference(plan.target),
    status: statusOf(report),
    model: plan.row.name,
    platform,
    engine: result === undefined ? null : engine,
    version: { before: before.version, after: packageVersion() },
    base: { name: plan.base, digest: plan.baseDigest },
    digest: result?.digest,
    bytes: result?.bytes,
    checked: result === undefined ? undefined : report.check,
    deployments: report.for.map((target) => ({ platform: target, ...updateOn(target, report) })),
  };
}

/** What was made, from what, and how to update what is deployed. */
export function rewrapText(report: RewrapReport): string {
  const { rewrap, result, milliseconds } = report;
  const { base, baseDigest, target } = rewrap.plan;
  const versions = `adapter ${rewrap.before.version ?? 'of an unknown version'} → ${packageVersion()}`;
  const updates = report.for.map((platform) => {
    const { update, notes } = updateOn(platform, report);
    return [
      `${shortReference(target)} on ${platform}`,
      ...update.map(stepLine),
      ...notes.map((note) => `  note: ${note}`),
    ].join('\n');
  });
  return [
    `${doneText(report)}\n  ${versions}, platform ${rewrap.platform}\n  base ${base}${baseDigest === undefined ? '' : `@${baseDigest}`}`,
    ...(updates.length === 0 ? [hint] : updates),
    ...(result === undefined ? [] : [summaryLine({ what: '1 image', bytes: result.bytes, milliseconds })]),
    '',
  ].join('\n');
}

const hint = '  Functions that run keep the former image. --for PLATFORM prints how to update them (docs/upgrade.md).';

function doneText(report: RewrapReport): string {
  const { image, rewrap, result, output } = report;
  const name = shortReference(rewrap.plan.target);
  switch (statusOf(report)) {
    case 'planned':
      return `would make ${name} again from ${image}`;
    case 'unchanged':
      return `${name} is up to date ${result?.digest ?? ''}`;
    case 'pushed':
      return `pushed ${name} ${result?.digest ?? ''}`;
    case 'built':
      return output === undefined ? `built ${name}, not pushed` : `wrote ${name} to ${formatOutput(output)}`;
  }
}

function statusOf({ rewrap, result, pushed, image }: RewrapReport): RewrapDocument['status'] {
  if (result === undefined) return 'planned';
  if (!pushed) return 'built';
  const isSame = result.digest !== undefined && result.digest === rewrap.before.digest;
  return isSame && parseReference(image).tag === rewrap.plan.target.tag ? 'unchanged' : 'pushed';
}

function updateOn(
  target: DeployTarget,
  { rewrap, result, insecure, program }: RewrapReport,
): { readonly update: readonly Step[]; readonly notes: readonly string[] } {
  const { plan, platform, isWholeRow } = rewrap;
  const request = { row: plan.row, image: plan.target, digest: result?.digest, platform, insecure, program };
  const { update } = deploymentOn(target, request);
  return { update, notes: isWholeRow ? [] : ['the image does not say how much memory its model needs: check it'] };
}

function stepLine({ command, comment }: Step): string {
  return `  ${command}${comment === undefined ? '' : `  # ${comment}`}`;
}
