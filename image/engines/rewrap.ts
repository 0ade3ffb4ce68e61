import { ConfigurationError, messageOf, ModelwhiskError } from '../../core/errors.ts';
import { formatReference, pinReference, type TargetReference } from '../../core/reference.ts';
import type { Plan } from '../catalogue/plan.ts';
import { packageVersion } from '../layers/package-version.ts';
import type { Progress } from '../progress.ts';
import { changesAfterwards } from './changes-afterwards.ts';
import type { Engine, InspectedImage, InspectRequest } from './engine.ts';
import { type NamedBase, type Origin, readOrigin } from './origin.ts';

/** An image of ours to make again, with the adapter of this version. */
export interface RewrapRequest {
  /** Its reference. */
  readonly image: string;
  /** The image to make. */
  readonly target: TargetReference;
  /** Reference of another base. Default: the one that the image names, by its digest. */
  readonly base: string | undefined;
  /** Whether to take what the base's tag stands for now. */
  readonly latestBase: boolean;
  /** Whether the docker engine's own image counts, not the registry's. */
  readonly isLocal: boolean;
  /** How the user calls this program, for hints. */
  readonly program: string;
  readonly signal: AbortSignal;
  readonly progress: Progress;
  readonly warn: (message: string) => void;
}

export interface Rewrap {
  readonly plan: Plan;
  readonly platform: string;
  /** The image as it is. */
  readonly before: { readonly version: string | undefined; readonly digest: string | undefined };
  /** Whether the row is complete; images of older versions have only what the adapter needs. */
  readonly isWholeRow: boolean;
}

/**
 * Finds out what an image was made from, by its labels. Nothing is made.
 *
 * @throws ModelwhiskError `REWRAP` when it says too little, is not ours, or was changed after it was made
 */
export async function planRewrap(engine: Engine, request: RewrapRequest): Promise<Rewrap> {
  const { image: name, target, isLocal, signal, progress, warn } = request;
  const reading = { platform: undefined, signal, progress };
  await engine.announce([{ base: name, target, push: !isLocal }]);
  const image = await engine.inspect({ ...reading, image: name, pull: !isLocal });
  const { row, base: recorded, isWholeRow, version } = usableOrigin(readOrigin(image.config), request);
  const { platform } = image;
  if (version !== undefined && isNewer(version, packageVersion())) {
    warn(`${name} was made by modelwhisk ${version}, which is newer than this one`);
  }
  const former = await formerBase(engine, recorded, request, { ...reading, platform });
  if (former instanceof ModelwhiskError) warn(`${name} may have been changed after it was made: ${former.message}`);
  else refuseChanged(image, former, request);
  const base = await newBase(engine, recorded, former, request, { ...reading, platform });
  const plan = { row, base: base.name, baseDigest: base.digest, target };
  return { plan, platform, isWholeRow, before: { version, digest: image.digest } };
}

interface UsableOrigin extends Omit<Extract<Origin, { kind: 'model' }>, 'kind' | 'base'> {
  readonly base: NamedBase | undefined;
}

function usableOrigin(origin: Origin, { image, base, program }: RewrapRequest): UsableOrigin {
  switch (origin.kind) {
    case 'model':
      return origin;
    case 'incomplete': {
      const { row, version } = origin;
      const which = `${image} was made by modelwhisk ${version ?? 'of an unknown version'}, and`;
      if (row === undefined) {
        const source = base ?? origin.base?.name ?? 'BASE';
        const hint = `build it anew: ${program} --image ${source} with --port, --predict and --tag, or --models NAME`;
        throw refusal(`${which} does not say its row in a form that this version reads`, hint);
      }
      if (base !== undefined) return { row, version, base: undefined, isWholeRow: false };
      throw refusal(`${which} its labels do not name its base`, 'name it with --base IMAGE');
    }
    case 'adapter':
      throw refusal(`${image} holds nothing but the adapter`, `push the adapter of this version: ${program} adapter`);
    case 'dockerfile': {
      const hint = `push the adapter of this version with ${program} adapter, and build that Dockerfile again`;
      throw refusal(`${image} got its adapter from a Dockerfile, so no label says what it was made from`, hint);
    }
    case 'foreign':
      throw refusal(
        `${image} has no adapter in it: modelwhisk did not make it`,
        `${program} --image ${image} adds one`,
      );
  }
}

/** The base that the image was made from, or why it cannot be read if another one is wanted. */
async function formerBase(
  engine: Engine,
  recorded: NamedBase | undefined,
  { image, base, latestBase }: RewrapRequest,
  reading: Omit<InspectRequest, 'image'>,
): Promise<InspectedImage | ModelwhiskError> {
  try {
    if (recorded === undefined) throw refusal('its labels do not name its base');
    if (recorded.digest === undefined && engine.name === 'registry') {
      const hint = 'use --engine docker where that image is, or give --base IMAGE or --latest-base';
      throw refusal(`the base of ${image}, ${recorded.name}, was in no registry when it was made`, hint);
    }
    const found = await engine.inspect({ ...reading, image: pinned(recorded) });
    return { ...found, ...recorded };
  } catch (error) {
    if (reading.signal.aborted) throw error;
    if (base !== undefined || latestBase) return error instanceof ModelwhiskError ? error : refusal(messageOf(error));
    if (error instanceof ModelwhiskError && error.code === 'REWRAP') throw error;
    const hint =
      'log in where it is; or take another with --base IMAGE, or what its tag stands for now with --latest-base';
    throw refusal(`the base of ${image} cannot be read: ${messageOf(error)}`, hint, error);
  }
}

async function newBase(
  engine: Engine,
  recorded: NamedBase | undefined,
  former: InspectedImage | ModelwhiskError,
  { base, latestBase }: RewrapRequest,
  reading: Omit<InspectRequest, 'image'>,
): Promise<NamedBase> {
  const name = base ?? (latestBase ? recorded?.name : undefined);
  if (name === undefined) {
    if (former instanceof ModelwhiskError) throw former;
    return former;
  }
  if (base === undefined && name.includes('@')) {
    throw new ConfigurationError('--latest-base', true, `--base IMAGE instead: the base ${name} was named by a digest`);
  }
  return engine.inspect({ ...reading, image: name, pull: latestBase });
}

function refuseChanged(image: InspectedImage, former: InspectedImage, { image: name }: RewrapRequest): void {
  const [change] = changesAfterwards(image, former);
  if (change === undefined) return;
  throw refusal(
    `${name} is not just ${former.name} and the adapter: ${change}`,
    'what was added to it would be lost: rewrap the image that it was made from, and add it again',
  );
}

function pinned({ name, digest }: NamedBase): string {
  return digest === undefined ? name : formatReference(pinReference(name, digest));
}

/** Of two versions of three numbers. */
function isNewer(version: string, than: string): boolean {
  return version.localeCompare(than, 'en', { numeric: true }) > 0;
}

function refusal(message: string, hint?: string, cause?: unknown): ModelwhiskError {
  return new ModelwhiskError('REWRAP', message, { ...(hint !== undefined && { hint }), cause });
}
