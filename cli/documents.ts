import type { ModelwhiskError } from '../core/errors.ts';
import type { ModelRow } from '../core/row.ts';
import type { Step } from '../deploy/deployment.ts';
import type { EngineName } from '../image/engines/engine.ts';

// The documents of `--json`: one on stdout per run, with any exit code except 2 (an invalid command line).
// `list --json` prints an array of rows of models.json. `show NAME --json` prints one row with `curl`, a command that
// calls the model.

/** The document of a build. */
export interface BuildDocument {
  /** Null if nothing was made (`--dry-run`). */
  readonly engine: EngineName | null;
  /** In the order of --models. */
  readonly models: readonly ModelDocument[];
}

export interface ModelDocument {
  readonly model: string;
  readonly status: 'pushed' | 'built' | 'planned' | 'failed';
  /** Reference of the image made. */
  readonly target: string;
  /** Digest of its manifest, "sha256:…". Missing if nothing was pushed. */
  readonly digest?: string | undefined;
  readonly base: { readonly name: string; readonly digest?: string | undefined };
  /** Network traffic. Missing if the engine does not know it. */
  readonly bytes?: TrafficDocument | undefined;
  /** Whether the image was started once and became ready. Missing if no image was made. */
  readonly checked?: boolean | undefined;
  /** With `--image`: one line per guess, with its source. */
  readonly guesses?: readonly string[] | undefined;
  /** One for each platform of `--for`. Missing if the model failed. */
  readonly deployments?: readonly DeploymentDocument[];
  /** Only if the model failed. */
  readonly error?: ErrorDocument;
}

export interface DeploymentDocument {
  readonly platform: string;
  /** Create the function. */
  readonly steps: readonly Step[];
  /** Update it to a new build. */
  readonly update: readonly Step[];
  readonly remove: readonly Step[];
  readonly call: Step;
  readonly notes: readonly string[];
}

/** The document of `adapter`. */
export interface AdapterDocument {
  readonly engine: EngineName;
  /** Reference of the image that contains only the adapter. */
  readonly target: string;
  /** Missing if nothing was pushed. */
  readonly digest?: string | undefined;
  readonly bytes?: TrafficDocument | undefined;
  /** The row of the model for the adapter. */
  readonly row: ModelRow;
  /** The lines for the end of a Dockerfile. */
  readonly dockerfile: readonly string[];
}

/** The document of `copy`. */
export interface CopyDocument {
  readonly source: string;
  readonly target: string;
  /** Digest of both. */
  readonly digest: string;
  readonly status: 'copied' | 'unchanged' | 'planned';
  /** Network traffic; for a dry run the maximum. */
  readonly bytes: TrafficDocument;
}

/** The document of `rewrap`. */
export interface RewrapDocument {
  /** The image that was read. */
  readonly image: string;
  /** Reference of the image made. */
  readonly target: string;
  readonly status: 'pushed' | 'unchanged' | 'built' | 'planned';
  readonly model: string;
  /** For example "linux/amd64". */
  readonly platform: string;
  /** Null if nothing was made (`--dry-run`). */
  readonly engine: EngineName | null;
  /** Versions of the adapter. `before` is missing if the image does not say it. */
  readonly version: { readonly before?: string | undefined; readonly after: string };
  readonly base: { readonly name: string; readonly digest?: string | undefined };
  /** Digest of the manifest, "sha256:…". Missing if nothing was pushed. */
  readonly digest?: string | undefined;
  /** Network traffic. Missing if the engine does not know it. */
  readonly bytes?: TrafficDocument | undefined;
  /** Whether the image was started once and became ready. Missing if no image was made. */
  readonly checked?: boolean | undefined;
  /** One for each platform of `--for`. */
  readonly deployments: readonly Pick<DeploymentDocument, 'platform' | 'update' | 'notes'>[];
}

/** The document of `verify`. */
export interface VerifyDocument {
  readonly image: string;
  /** Digest of its manifest. Missing if it has no manifest. */
  readonly digest?: string | undefined;
  /** Whether the image is exactly its base and this adapter. */
  readonly verified: boolean;
  /** Whether all digests are those of the registry engine, or only the unpacked contents are equal. */
  readonly compared: 'digests' | 'contents';
  /** Missing for an image with only the adapter. `digest` is missing if the base is in no registry. */
  readonly base?: { readonly name: string; readonly digest?: string | undefined } | undefined;
  /** Digests of the adapter's layers, bottom one first. */
  readonly layers: readonly string[];
  /** The differences, one line each. */
  readonly differences: readonly string[];
}

/** The document of a command that failed. */
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
  /** Stable, meant for programs. */
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** The printed form of a document. */
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
