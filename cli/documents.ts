import type { ModelwhiskError } from '../core/errors.ts';
import type { ModelRow } from '../core/row.ts';
import type { Step } from '../deploy/deployment.ts';
import type { EngineName } from '../image/engines/engine.ts';

// What `--json` prints: one document on stdout per run, whatever the exit code, unless the command line cannot be used
// (exit code 2). `list --json` is an array of rows as models.json has them, `show NAME --json` is one such row with
// `curl`, the line that calls it.

/** Of a build. */
export interface BuildDocument {
  /** Null where nothing was made (`--dry-run`). */
  readonly engine: EngineName | null;
  /** In the order in which the models were named. */
  readonly models: readonly ModelDocument[];
}

export interface ModelDocument {
  readonly model: string;
  readonly status: 'pushed' | 'built' | 'planned' | 'failed';
  /** Reference of the image made. */
  readonly target: string;
  /** Digest of its manifest, "sha256:…"; left out where nothing was pushed. */
  readonly digest?: string | undefined;
  readonly base: { readonly name: string; readonly digest?: string | undefined };
  /** What crossed the network; left out where the engine cannot tell. */
  readonly bytes?: TrafficDocument | undefined;
  /** Whether the image was started once and became ready; left out where none was made. */
  readonly checked?: boolean | undefined;
  /** With `--image`: what was guessed and from what, a line each. */
  readonly guesses?: readonly string[] | undefined;
  /** One for each platform of `--for`; left out where the model failed. */
  readonly deployments?: readonly DeploymentDocument[];
  /** Only where the model failed. */
  readonly error?: ErrorDocument;
}

export interface DeploymentDocument {
  readonly platform: string;
  /** Create it. */
  readonly steps: readonly Step[];
  /** Bring a new build to it. */
  readonly update: readonly Step[];
  readonly remove: readonly Step[];
  readonly call: Step;
  readonly notes: readonly string[];
}

/** Of `adapter`. */
export interface AdapterDocument {
  readonly engine: EngineName;
  /** Reference of the image that holds the adapter alone. */
  readonly target: string;
  /** Left out where nothing was pushed. */
  readonly digest?: string | undefined;
  readonly bytes?: TrafficDocument | undefined;
  /** What the adapter is told of the model. */
  readonly row: ModelRow;
  /** The lines for the end of a Dockerfile. */
  readonly dockerfile: readonly string[];
}

/** Of `copy`. */
export interface CopyDocument {
  readonly source: string;
  readonly target: string;
  /** Digest of both. */
  readonly digest: string;
  readonly status: 'copied' | 'unchanged' | 'planned';
  /** What crossed the network, or for a dry run would at most. */
  readonly bytes: TrafficDocument;
}

/** Of `verify`. */
export interface VerifyDocument {
  readonly image: string;
  /** Of its manifest; left out where it has none. */
  readonly digest?: string | undefined;
  /** Whether the image is exactly its base and this adapter. */
  readonly verified: boolean;
  /** Whether all digests are those of the registry engine, or the contents are the same in another packing. */
  readonly compared: 'digests' | 'contents';
  /** Left out for the image of the adapter alone; its digest is left out where no registry has it. */
  readonly base?: { readonly name: string; readonly digest?: string | undefined } | undefined;
  /** Digests of the adapter's layers, bottom one first. */
  readonly layers: readonly string[];
  /** What is not as it should be, a line each. */
  readonly differences: readonly string[];
}

/** Of a command that came to no result. */
export interface FailureDocument {
  readonly error: ErrorDocument;
}

/** Bytes sent from this machine, linked by the registry, and streamed from one repository to another. */
export interface TrafficDocument {
  readonly pushed: number;
  readonly mounted: number;
  readonly copied: number;
}

export interface ErrorDocument {
  /** Stable, for programs. */
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** A document as it is printed. */
export function printedJson(document: object): string {
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

export function errorDocument({
  code,
  message,
  hint,
}: Pick<ModelwhiskError, 'code' | 'message' | 'hint'>): ErrorDocument {
  return { code, message, hint };
}
