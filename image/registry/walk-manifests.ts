import { RegistryError } from './errors.ts';
import { parseManifest, type ParsedManifest, type RawManifest } from './manifest.ts';
import type { Repository } from './repository.ts';

export interface WalkedManifest {
  readonly raw: RawManifest;
  readonly parsed: ParsedManifest;
}

/**
 * A manifest and everything that it lists, down to the images. Each comes once, and before the index that lists it. Only
 * one manifest for each level is kept in memory.
 *
 * @throws RegistryError REGISTRY_UNSUPPORTED for an index that lists too much: a hostile registry can send one that
 * never ends
 */
export async function* walkManifests(source: Repository, root: RawManifest): AsyncGenerator<WalkedManifest> {
  const seen = new Set<string>();
  yield* walk(source, root, seen, 0);
}

const deepest = 4;
const most = 1000;

async function* walk(
  source: Repository,
  raw: RawManifest,
  seen: Set<string>,
  depth: number,
): AsyncGenerator<WalkedManifest> {
  seen.add(raw.digest);
  const parsed = parseManifest(raw, `${source.fullName}@${raw.digest}`);
  if (parsed.kind === 'index') {
    const listed = new Set(parsed.index.manifests.map(({ digest }) => digest));
    if (depth === deepest) throw tooMuch(source, `indexes within indexes, ${deepest} and more deep`);
    if (seen.size + listed.size > most) throw tooMuch(source, `more than ${most} manifests`);
    for (const digest of listed) {
      if (seen.has(digest)) continue;
      yield* walk(source, await source.readManifest(digest), seen, depth + 1);
    }
  }
  yield { raw, parsed };
}

function tooMuch({ fullName }: Repository, what: string): RegistryError {
  return new RegistryError('REGISTRY_UNSUPPORTED', `${fullName} lists ${what}`, {
    hint: 'copy one of its images by its digest',
  });
}
