import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { packTar, type TarEntry } from 'modern-tar';
import { ModelwhiskError } from '../../../core/errors.ts';
import { parseChallenge } from '../../../image/registry/challenge.ts';
import { RegistryError } from '../../../image/registry/errors.ts';
import { parseManifest } from '../../../image/registry/manifest.ts';
import { selectPlatform } from '../../../image/registry/select-platform.ts';
import { docker, oci } from '../../../image/registry/media-types.ts';
import { formatReference, parseReference, parseTarget } from '../../../core/reference.ts';
import { runtimeFiles } from '../../../image/layers/runtime.ts';
import { json, mutated, names } from './arbitraries.ts';
import { campaign, type Campaign } from './campaign.ts';
import { acceptedOr } from './configuration.ts';

const digest = `sha256:${'ab'.repeat(32)}`;

const references = fc.oneof(
  fc.string(),
  fc.webUrl(),
  fc
    .tuple(
      fc.constantFrom('', 'quay.io/', 'localhost:5000/', '[::1]:5/', 'DOCKER.IO/', 'a_b/'),
      fc.string(),
      fc.string(),
      fc.string(),
    )
    .map(([host, name, tag, end]) => `${host}${name}:${tag}@${end}`),
  fc
    .tuple(
      fc.constantFrom('', 'quay.io/', 'localhost:5000/'),
      fc.stringMatching(/^[a-z0-9._/-]{1,12}$/),
      fc.constantFrom('', ':1', `@${digest}`, `:x@${digest}`),
    )
    .map((parts) => parts.join('')),
);

const descriptor = fc.record({
  mediaType: fc.constantFrom(docker.layer, oci.layer, 'x'),
  digest: fc.constant(digest),
  size: fc.nat(),
});
const manifests = fc.oneof(
  fc.record({
    schemaVersion: fc.constantFrom(1, 2, '2'),
    mediaType: fc.constantFrom(docker.manifest, oci.manifest),
    config: descriptor,
    layers: fc.array(descriptor),
  }),
  fc.record({ schemaVersion: fc.constant(2), manifests: fc.array(fc.oneof(descriptor, json)) }),
  json,
);

const entryName = fc.constantFrom(
  'usr/local/bin/node', '../../../etc/passwd', '/usr/local/bin/node', 'usr/lib/x86_64-linux-gnu/libc.so.6',
  'usr/lib/x86_64-linux-gnu/../../../../etc/libc.so.6', 'usr/share/common-licenses/GPL-3', 'usr/share/common-licenses/../x',
  'usr/lib64/ld-linux-x86-64.so.2', 'usr/local/bin/.wh.node', '.wh..wh..opq', 'usr/lib/libm.so.6',
); // prettier-ignore
const entries = fc.array(
  fc.record({
    name: entryName,
    type: fc.constantFrom('file', 'symlink', 'link'),
    linkname: fc.oneof(entryName, names),
    mode: fc.constantFrom(0o644, 0o6777),
  }),
  { maxLength: 8 },
);

/** Image references, and answers of registries: challenges, manifests, archives. */
export const registryCampaigns: readonly Campaign[] = [
  campaign(
    'an image reference is refused with a reason, or means the same when written out',
    () => ({
      inputs: references,
      check(text) {
        const reference = acceptedOr(ModelwhiskError, () => parseReference(text));
        if (reference !== undefined) assert.deepEqual(parseReference(formatReference(reference)), reference);
        const target = acceptedOr(ModelwhiskError, () => parseTarget(text));
        if (target !== undefined) assert.deepEqual(target, reference);
      },
    }),
    1000,
  ),
  campaign(
    'whatever a registry asks for in WWW-Authenticate, it is a challenge that is known or none',
    () => ({
      inputs: fc.oneof(
        fc.string({ unit: 'binary' }),
        mutated(fc.constant('Bearer realm="https://auth.example/token",service="x\\"y",scope="a:b:c", Basic realm=z')),
        fc.constantFrom(
          'Bearer realm="',
          'a=b, '.repeat(50_000),
          `Bearer ${'"'.repeat(50_000)}`,
          `${'\\"'.repeat(50_000)}=`,
        ),
      ),
      check(header) {
        const challenge = parseChallenge(header.toString());
        assert.ok(challenge === undefined || ['basic', 'bearer'].includes(challenge.scheme));
      },
    }),
    1000,
  ),
  campaign(
    'whatever a registry sends as a manifest, it is an image, an index, or refused with a reason',
    () => ({
      inputs: fc.tuple(
        fc.oneof(
          manifests.map((value) => Buffer.from(JSON.stringify(value))),
          mutated(manifests.map((value) => JSON.stringify(value))),
        ),
        fc.constantFrom(
          '',
          docker.manifest,
          docker.index,
          oci.index,
          'application/vnd.docker.distribution.manifest.v1+json',
        ),
      ),
      check([bytes, contentType]) {
        const raw = { bytes, contentType, digest, size: bytes.length };
        const parsed = acceptedOr(RegistryError, () => parseManifest(raw, 'x'));
        if (parsed?.kind === 'image')
          assert.ok(parsed.manifest.layers.every((layer) => layer.digest.startsWith('sha256:')));
        if (parsed?.kind === 'index') acceptedOr(RegistryError, () => selectPlatform(parsed.index, 'linux/amd64', 'x'));
      },
    }),
    1000,
  ),
  campaign(
    'whatever the archive of a Node image holds, nothing of it leaves /modelwhisk/runtime',
    () => ({
      inputs: entries,
      async check(listed) {
        const tar = await packTar(listed.map((header) => entryOf(header)));
        const scratch = await mkdtemp(join(tmpdir(), 'modelwhisk-fuzz-'));
        const picked = await runtimeFiles(asyncOf(new Blob([tar]).stream()), scratch).catch((error: unknown) => {
          assert.ok(error instanceof ModelwhiskError, error as Error);
          return [];
        });
        await rm(scratch, { recursive: true });
        for (const { path } of picked) assert.match(path, /^modelwhisk\/runtime\/(?!.*\.\.)[\w./+-]+$/);
      },
    }),
    200,
  ),
];

function entryOf({
  name,
  type,
  linkname,
  mode,
}: {
  name: string;
  type: string;
  linkname: string;
  mode: number;
}): TarEntry {
  const body = type === 'file' ? new Uint8Array([1]) : new Uint8Array();
  return { header: { name, type: type as 'file', linkname, mode, size: body.length }, body };
}

async function* asyncOf<Value>(value: Value): AsyncGenerator<Value> {
  yield value;
}
