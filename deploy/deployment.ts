import type { ModelRow } from '../core/row.ts';
import type { TargetReference } from '../core/reference.ts';

/** Platforms that a finished image can be deployed on, by their names for `--for`. */
export const deployTargets = [
  'openwhisk',
  'lambda',
  'sagemaker',
  'scf',
  'azure',
  'knative',
  'cloud-run',
  'code-engine',
] as const;
export type DeployTarget = (typeof deployTargets)[number];

/** What is to be deployed. */
export interface DeployRequest {
  readonly row: ModelRow;
  /** The image that was built and pushed. */
  readonly image: TargetReference;
  /** Digest of its manifest; undefined where it has not been pushed yet. */
  readonly digest: string | undefined;
  /** What the image is built for, for example "linux/amd64". */
  readonly platform: string;
  /** Hosts that are spoken to over plain HTTP. */
  readonly insecure: readonly string[];
  /** How the user calls this program, for example "./build.ts". */
  readonly program: string;
}

/** One line to paste into a shell. Words in capitals, such as REGION, stand for what only the user knows. */
export interface Step {
  readonly command: string;
  /** The same step with another tool. */
  readonly alternative?: string;
  /** What to know about it, in a few words. */
  readonly comment?: string;
}

/** How to bring an image onto a platform, to call it there, to bring a new build of it there, and to remove it. */
export interface Deployment {
  /** Create it. */
  readonly steps: readonly Step[];
  /** Bring another image to what the steps have created. */
  readonly update: readonly Step[];
  /** Remove what the steps have created. */
  readonly remove: readonly Step[];
  /** A command that succeeds where it has been created. */
  readonly exists: string;
  /** A command that prints the URL in front of the model server's own paths; undefined where the platform has none. */
  readonly url: string | undefined;
  /** Sends the row's sample. */
  readonly call: Step;
  /** What to know before running them. */
  readonly notes: readonly string[];
}

/** The note of a platform whose containers get no GPU. */
export function noGpu({ row }: Pick<DeployRequest, 'row'>, platform: string): string[] {
  return row.gpu === undefined ? [] : [`the row asks for ${gpus(row.gpu)}, ${platform} has none`];
}

/** The note of a platform that gives fewer GPUs than the row asks for. */
export function fewerGpus({ row }: Pick<DeployRequest, 'row'>, most: number, platform: string): string[] {
  if (row.gpu === undefined || row.gpu <= most) return [];
  return [`the row asks for ${gpus(row.gpu)}, ${platform} has ${most} at most`];
}

function gpus(count: number): string {
  return count === 1 ? 'a GPU' : `${count} GPUs`;
}
