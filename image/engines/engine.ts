import type { ModelRow } from '../../core/row.ts';
import type { Environment } from '../../core/settings.ts';
import type { Progress } from '../progress.ts';
import type { TargetReference } from '../../core/reference.ts';
import type { LayerOptions } from '../layers/layers.ts';
import type { ModelImage } from './wrap-config.ts';
import type { ImageOutput } from './image-output.ts';

/** One image to make: the model's row and where the result goes. */
export interface BuildRequest {
  readonly row: ModelRow;
  /** Reference of the base (model) image to lay the adapter onto. */
  readonly base: string;
  /**
   * Digest by which the base is read, "sha256:…". The labels name `base` nevertheless. Default: the current one of
   * `base`.
   */
  readonly baseDigest?: string | undefined;
  /** The image to make. */
  readonly target: TargetReference;
  /** For example "linux/amd64". */
  readonly platform: string;
  readonly push: boolean;
  /** Whether to start the image once before it is pushed. Only the docker engine can do that. Default: false. */
  readonly check?: boolean | undefined;
  /** Where to write the image instead of pushing it. Only the registry engine can do that. */
  readonly output?: ImageOutput | undefined;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** The result of a build. */
export interface BuildResult {
  /** Digest of the manifest that was pushed or written, "sha256:…"; undefined if it has none. */
  readonly digest: string | undefined;
  readonly base: { readonly name: string; readonly digest: string | undefined };
  /** What was transferred. Undefined if the engine does not know. */
  readonly bytes: { readonly pushed: number; readonly mounted: number; readonly copied: number } | undefined;
}

/** An image to read. */
export interface InspectRequest extends Pick<BuildRequest, 'signal' | 'progress'> {
  /** Reference of the image. */
  readonly image: string;
  /** For example "linux/amd64". Undefined if the image has only one. */
  readonly platform: string | undefined;
  /** Whether to read it from its registry even if the docker engine holds an image of this name. Default: false. */
  readonly pull?: boolean;
}

export interface InspectedImage extends ModelImage {
  /** For example "linux/amd64". */
  readonly platform: string;
  /** Digests of its uncompressed layers, bottom one first. */
  readonly diffIds: readonly string[];
}

/** A way of laying the adapter onto a model image: the docker engine, or the registry API alone. */
export interface Engine {
  readonly name: EngineName;
  /** Throws ModelwhiskError with a hint if the engine cannot work here (no daemon, no place for the output, …). */
  check(): Promise<void>;
  /**
   * Reads an image's configuration. The registry engine downloads a few kilobytes; docker pulls an image that it lacks.
   */
  inspect(request: InspectRequest): Promise<InspectedImage>;
  /**
   * Announces all images that will be made. What they have in common at their registries is then requested once. Images
   * that were not announced can be made, too.
   */
  announce(images: readonly Pick<BuildRequest, 'base' | 'target' | 'push'>[]): Promise<void>;
  /** Makes one image, and may be called for several at the same time. */
  build(request: BuildRequest): Promise<BuildResult>;
  /** Makes an image that contains only the adapter, from which Dockerfiles copy. */
  buildAdapter(request: AdapterRequest): Promise<AdapterResult>;
}

/** An image to make that contains only the adapter. */
export type AdapterRequest = Pick<BuildRequest, 'target' | 'platform' | 'push' | 'signal' | 'progress'>;

export type AdapterResult = Pick<BuildResult, 'digest' | 'bytes'>;

export type EngineName = 'docker' | 'registry';

/** Options of both engines for one run. */
export interface EngineOptions extends LayerOptions {
  /** Reference of the Node image that the runtime layer is made from; see RUNTIME_IMAGE. */
  readonly runtimeImage: string;
  /** The process's environment: where to find Docker's configuration, credentials and proxies. */
  readonly environment: Environment;
  /** Whether the registry engine may copy more than 100 MB where a registry refuses to mount. Default: false. */
  readonly allowCopy?: boolean | undefined;
  /** Hosts that the registry engine calls by plain HTTP. Default: loopback hosts that do not use TLS. */
  readonly insecureRegistries?: readonly string[] | undefined;
  /** Hosts to which a registry may redirect the registry engine, whatever their address is. Default: none. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Where the images will be written instead of being pushed. Checked before anything is fetched. */
  readonly output?: ImageOutput | undefined;
  /** Whether to pass on everything that the tools behind the engine print. */
  readonly verbose: boolean;
  /** Aborted when the user interrupts: ends what several images wait for, such as a login. Default: never. */
  readonly signal?: AbortSignal | undefined;
}
