import { RegistryError } from './errors.ts';
import type { Descriptor, ImageIndex } from './manifest.ts';

/**
 * The entry of an index for a platform such as "linux/amd64" or "linux/arm/v7". Of several variants it is the highest
 * that the platform can run, as in github.com/containerd/platforms: "linux/amd64" means the baseline, which every
 * machine of that kind runs, and "linux/amd64/v3" takes v2 too. An entry without a platform is taken if it is the only
 * one and nothing else fits; its configuration then decides. Attestations and other artifacts are ignored.
 *
 * @param wanted undefined if there is only one
 * @param name of the image, for messages
 * @throws RegistryError REGISTRY_UNSUPPORTED that lists the available platforms
 */
export function selectPlatform({ manifests }: ImageIndex, wanted: string | undefined, name: string): Descriptor {
  const images = manifests.filter(isImage);
  if (wanted === undefined) return onlyOne(images, name);
  const unnamed = images.filter((entry) => platformOf(entry) === '');
  const [found = unnamed.length === 1 ? unnamed[0] : undefined] = images
    .filter((entry) => canRun(entry, wanted))
    // Stable: of two that are alike the first is taken.
    .toSorted((a, b) => levelOf(b.platform) - levelOf(a.platform));
  if (found !== undefined) return found;
  const offered = [...new Set(images.map((entry) => platformOf(entry) || 'one without a platform'))];
  throw new RegistryError(
    'REGISTRY_UNSUPPORTED',
    `${name} has no image for ${wanted}, only ${offered.join(', ') || 'none'}`,
    { hint: 'choose another with --platform' },
  );
}

function onlyOne(images: readonly Entry[], name: string): Entry {
  const [only, ...others] = images;
  if (only !== undefined && others.length === 0) return only;
  const offered = images.map(platformOf).join(', ') || 'none';
  throw new RegistryError('REGISTRY_UNSUPPORTED', `${name} is an index of several images: ${offered}`, {
    hint: 'name the image of one platform, by its own tag or digest',
  });
}

type Entry = ImageIndex['manifests'][number];
type Platform = NonNullable<Entry['platform']>;

function isImage({ platform, annotations, artifactType }: Entry): boolean {
  const isAttestation = annotations?.['vnd.docker.reference.type'] === 'attestation-manifest';
  return platform?.os !== 'unknown' && !isAttestation && artifactType === undefined;
}

function platformOf({ platform }: Entry): string {
  return [platform?.os, platform?.architecture, platform?.variant].filter(Boolean).join('/');
}

function canRun({ platform }: Entry, wanted: string): boolean {
  const [os, architecture = '', variant = ''] = wanted.split('/');
  if (platform?.os !== os || platform?.architecture !== architecture) return false;
  const [offered, most] = [levelOf(platform), levelOf({ architecture, variant })];
  return Number.isNaN(most) || Number.isNaN(offered) ? (platform.variant ?? '') === variant : offered <= most;
}

/** The number in a variant, "v3"; without one, that of the baseline. NaN for a variant of another kind. */
function levelOf(platform: Pick<Platform, 'architecture' | 'variant'> | null | undefined): number {
  const { architecture = '', variant } = platform ?? {};
  return variant ? Number(variant.replace(/^v/, '')) : (baselines[architecture] ?? 0);
}

/** What no variant means, by containerd's normalization. */
const baselines: Readonly<Record<string, number>> = { amd64: 1, arm64: 8, arm: 7 };
