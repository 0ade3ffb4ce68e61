import { expect, test } from 'vitest';

import { oci } from '../../../image/registry/media-types.ts';
import { selectPlatform } from '../../../image/registry/select-platform.ts';

/** A platform such as "linux/amd64/v3". "" is an entry without a platform, "attestation" an attestation. */
function indexOf(...platforms: readonly string[]): Parameters<typeof selectPlatform>[0] {
  const manifests = platforms.map((text, index) => {
    const digest = `sha256:${String(index).repeat(64)}`;
    const entry = { mediaType: oci.manifest, digest, size: 1 };
    if (text === '') return entry;
    if (text === 'attestation') {
      const annotations = { 'vnd.docker.reference.type': 'attestation-manifest' };
      return { ...entry, annotations, platform: { os: 'unknown', architecture: 'unknown' } };
    }
    if (text === 'artifact') return { ...entry, artifactType: 'application/vnd.dev.cosign' };
    const [os = '', architecture = '', variant] = text.split('/');
    return { ...entry, platform: { os, architecture, ...(variant !== undefined && { variant }) } };
  });
  return { schemaVersion: 2, manifests };
}

test.each([
  ['the baseline, though v3 comes first', ['linux/amd64/v3', 'linux/amd64'], 'linux/amd64', 1],
  ['the baseline by its own name', ['linux/amd64/v2', 'linux/amd64/v1'], 'linux/amd64', 1],
  ['the first of two that are alike', ['linux/amd64', 'linux/amd64'], 'linux/amd64', 0],
  ['the highest that runs', ['linux/amd64', 'linux/amd64/v2', 'linux/amd64/v4'], 'linux/amd64/v3', 1],
  ['a baseline where a variant is asked for', ['linux/amd64'], 'linux/amd64/v3', 0],
  ['v8 as what arm64 means', ['linux/arm64/v9', 'linux/arm64/v8'], 'linux/arm64', 1],
  ['v7 as what arm means', ['linux/arm/v6', 'linux/arm/v7', 'linux/arm64/v8'], 'linux/arm', 1],
  ['an older arm', ['linux/arm/v6', 'linux/arm/v7'], 'linux/arm/v6', 0],
  ['a variant of another kind by its name', ['linux/ppc64le/power9', 'linux/ppc64le'], 'linux/ppc64le/power9', 0],
  ['no variant before one of another kind', ['linux/ppc64le/power9', 'linux/ppc64le'], 'linux/ppc64le', 1],
  ['the only entry, which names no platform', [''], 'linux/amd64', 0],
  ['that entry beside attestations and artifacts', ['attestation', 'artifact', ''], 'linux/amd64', 2],
  ['that entry beside those of other platforms', ['linux/arm64', ''], 'linux/amd64', 1],
  ['a named one before it', ['', 'linux/amd64'], 'linux/amd64', 1],
])('takes %s', (_title, platforms, wanted, index) => {
  expect(selectPlatform(indexOf(...platforms), wanted, 'x').digest).toBe(`sha256:${String(index).repeat(64)}`);
});

test.each([
  [['linux/arm64', 'windows/amd64'], 'linux/amd64', 'only linux/arm64, windows/amd64'],
  [['linux/amd64/v3'], 'linux/amd64', 'only linux/amd64/v3'],
  [['', ''], 'linux/amd64', 'only one without a platform'],
  [['attestation'], 'linux/amd64', 'only none'],
])('of %j nothing is for %s, and the message lists them', (platforms, wanted, list) => {
  expect(() => selectPlatform(indexOf(...platforms), wanted, 'x')).toThrow(`x has no image for ${wanted}, ${list}`);
});
