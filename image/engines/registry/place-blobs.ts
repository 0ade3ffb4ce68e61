import { ByteCounter, type Progress } from '../../progress.ts';
import type { Content } from '../../registry/digest.ts';
import { RegistryError } from '../../registry/errors.ts';
import { formatBytes } from '../../format-bytes.ts';
import { inParallel } from '../../parallel.ts';
import type { Repository } from '../../registry/repository.ts';
import type { BlobOpener } from '../../registry/uploads.ts';

/** A blob that a repository must hold before its manifest can be pushed. */
export interface WantedBlob extends Content {
  /** Repository of the same registry that has it; undefined when it can only be sent. */
  readonly mountFrom: string | undefined;
  /** Opens the bytes, for when it cannot be mounted. */
  readonly open: BlobOpener;
  /** Whether sending it means downloading it first, as opposed to having it on this machine. */
  readonly remote: boolean;
}

export interface Traffic {
  /** Bytes sent from this machine. */
  readonly pushed: number;
  /** Bytes that the registry linked without anything being sent. */
  readonly mounted: number;
  /** Bytes streamed from one repository to another through this machine. */
  readonly copied: number;
}

/** Whether a repository has blobs, by their digests. */
export type Presence = Promise<ReadonlyMap<string, boolean>>;

export interface PlacementOptions {
  /** Whether to copy, however much it is, when the registry refuses to mount. */
  readonly allowCopy: boolean;
  /** Repositories ("REGISTRY/NAME from NAME") whose mounts were refused before: not asked for again. */
  readonly refusedMounts: Set<string>;
  readonly progress: Progress;
  /** Which blobs the target has, where that was asked before. */
  readonly present?: Presence | undefined;
  /** Called as soon as bytes are being sent. */
  readonly begin?: (() => void) | undefined;
  /** Called at the first failure, to stop what is under way. */
  readonly abort: (error: unknown) => void;
}

/** Copies of less than this are made without asking. */
const smallCopy = 100 * 1024 * 1024;

/**
 * Makes sure that `target` has every blob: mounts what can be mounted, then sends the rest, resending from the first
 * byte after a broken connection. Throws RegistryError REGISTRY_COPY_NEEDED before sending anything when refused mounts
 * would turn into a copy of more than 100 MB that nobody allowed.
 */
export async function placeBlobs(
  target: Repository,
  blobs: readonly WantedBlob[],
  options: PlacementOptions,
): Promise<Traffic> {
  const unique = [...new Map(blobs.map((blob) => [blob.digest, blob])).values()];
  const outcomes = await inParallel(unique, 8, (blob) => mountOrFind(target, blob, options), options.abort);
  const missing = outcomes.filter((outcome) => outcome.kind === 'missing');
  try {
    askAboutCopy(target, missing, options);
  } catch (error) {
    const sessions = missing.flatMap(({ session }) => session ?? []);
    await Promise.all(sessions.map(async (session) => target.uploads.cancel(session)));
    throw error;
  }
  // One blob fills most connections; more than three at a time gained nothing where it was measured.
  const counter = new ByteCounter(total(missing), (amount) =>
    options.progress(`sending to ${target.fullName}`, amount),
  );
  const send = async ({ blob, session }: Missing): Promise<void> => {
    const open: BlobOpener = async () => {
      options.begin?.();
      return blob.open();
    };
    await sendBlob(target, { ...blob, open: counter.counting(open) }, session);
  };
  await inParallel(missing, 3, send, options.abort);
  return {
    mounted: total(outcomes.filter(({ kind }) => kind === 'mounted')),
    pushed: total(missing.filter(({ blob }) => !blob.remote)),
    copied: total(missing.filter(({ blob }) => blob.remote)),
  };
}

/** Sends one blob, in a session that is already open where there is one. */
export async function sendBlob(target: Repository, blob: WantedBlob, opened?: URL): Promise<void> {
  let given = opened;
  await target.retry(async (attempt) => {
    // The registry may have stored it although its answer was lost.
    if (attempt > 1 && (await target.hasBlob(blob.digest))) return;
    const session = given ?? (await target.uploads.start());
    given = undefined;
    try {
      await target.uploads.fill(session, blob, blob.open);
    } catch (error) {
      await target.uploads.cancel(session);
      throw error;
    }
  });
}

type Outcome = { readonly kind: 'present' | 'mounted'; readonly blob: WantedBlob } | Missing;

interface Missing {
  readonly kind: 'missing';
  readonly blob: WantedBlob;
  readonly session: URL | undefined;
}

async function mountOrFind(
  target: Repository,
  blob: WantedBlob,
  { refusedMounts, present }: PlacementOptions,
): Promise<Outcome> {
  const { digest, mountFrom } = blob;
  const route = `${target.fullName} from ${mountFrom}`;
  let session: URL | undefined;
  if (mountFrom !== undefined && mountFrom !== target.name && !refusedMounts.has(route)) {
    const answer = await target.alsoReading(mountFrom).uploads.mount(digest, mountFrom);
    if (answer.kind === 'mounted') return { kind: 'mounted', blob };
    if (answer.kind === 'refused') refusedMounts.add(route);
    else session = answer.location;
  }
  const isPresent = (await present)?.get(digest) ?? (await target.hasBlob(digest));
  if (!isPresent) return { kind: 'missing', blob, session };
  if (session !== undefined) await target.uploads.cancel(session);
  return { kind: 'present', blob };
}

function askAboutCopy(
  target: Repository,
  missing: readonly { readonly blob: WantedBlob }[],
  { allowCopy, progress }: PlacementOptions,
): void {
  const copies = missing.filter(({ blob }) => blob.remote);
  if (copies.length === 0) return;
  const size = formatBytes(total(copies));
  const refused = copies.filter(({ blob }) => blob.mountFrom !== undefined);
  if (total(refused) > smallCopy && !allowCopy) {
    const from = refused[0]?.blob.mountFrom ?? '';
    throw new RegistryError(
      'REGISTRY_COPY_NEEDED',
      `${target.registry.name} does not mount layers of ${from} into ${target.name}`,
      {
        hint: `give --allow-copy to send them through this machine, ${size} down and up`,
      },
    );
  }
  progress(`copying ${copies.length} layers, ${size}, to ${target.fullName}`);
}

function total(outcomes: readonly { readonly blob: WantedBlob }[]): number {
  return outcomes.reduce((sum, { blob }) => sum + blob.size, 0);
}
