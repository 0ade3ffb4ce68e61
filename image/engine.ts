import type { ModelRow } from '../core/row.ts';

/** One image to make: the model's row and where the result goes. */
export interface BuildRequest {
  readonly row: ModelRow;
  /** Reference of the base (model) image to lay the adapter onto. */
  readonly base: string;
  /** Reference of the result, registry included where it is not Docker Hub. */
  readonly target: string;
  /** For example "linux/amd64". */
  readonly platform: string;
  readonly push: boolean;
  readonly signal: AbortSignal;
  /** Told what is going on, a short line each, for people. */
  readonly progress: (message: string) => void;
}

/** What came of it. Byte counts are what crossed the network, as far as the engine knows. */
export interface BuildResult {
  readonly target: string;
  /** Digest of the pushed manifest, "sha256:…"; undefined when nothing was pushed. */
  readonly digest: string | undefined;
  readonly base: { readonly name: string; readonly digest: string | undefined };
  readonly bytes: { readonly pushed: number; readonly mounted: number; readonly copied: number };
}

/** A way of laying the adapter onto a model image: the docker engine, or the registry API alone. */
export interface Engine {
  readonly name: 'docker' | 'registry';
  /** Throws ModelwhiskError with a hint where the engine cannot work here (no daemon, not logged in, …). */
  check(): Promise<void>;
  build(request: BuildRequest): Promise<BuildResult>;
}
