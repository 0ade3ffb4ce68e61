import type { ModelRow } from '../core/row.ts';
import type { TargetReference } from '../core/reference.ts';

/** The values of `--for`: platforms on which an image can be deployed. */
export const deployTargets = [
  'openwhisk',
  'lambda',
  'sagemaker',
  'vertex',
  'scf',
  'azure',
  'knative',
  'cloud-run',
  'code-engine',
] as const;
export type DeployTarget = (typeof deployTargets)[number];

/** What to deploy. */
export interface DeployRequest {
  readonly row: ModelRow;
  /** The image that was built and pushed. */
  readonly image: TargetReference;
  /** Digest of its manifest. Undefined if it has not been pushed. */
  readonly digest: string | undefined;
  /** Platform of the image, for example "linux/amd64". */
  readonly platform: string;
  /** Hosts to call by plain HTTP. */
  readonly insecure: readonly string[];
  /** How the user calls this program, for example "./build.ts". */
  readonly program: string;
}

/** One shell command. Words in capitals, such as REGION, are placeholders for values that only the user knows. */
export interface Step {
  readonly command: string;
  /** The same step with another tool. */
  readonly alternative?: string;
  /** A short comment. */
  readonly comment?: string;
}

/** The commands that create, update, call and remove an image's function on a platform. */
export interface Deployment {
  /** Create the function. */
  readonly steps: readonly Step[];
  /** Update the function to a new image. */
  readonly update: readonly Step[];
  /** Remove all that the steps have created. */
  readonly remove: readonly Step[];
  /** A command that succeeds if the function exists. */
  readonly exists: string;
  /** A command that prints the base URL of the model server's paths. Undefined if the platform has no such command. */
  readonly url: string | undefined;
  /** Sends the row's sample. */
  readonly call: Step;
  /** Notes to read before running the commands. */
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
